"""Where the pipeline runs: processes on this machine, other hosts, Dataflow."""
