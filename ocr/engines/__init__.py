"""The engines that read pixels."""
