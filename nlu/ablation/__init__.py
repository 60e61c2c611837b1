"""What each strategy brings: variants of an application that differ in one switch, trained and compared."""
