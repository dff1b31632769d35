"""The deployed system from outside; as a package, so that its laptop cloud is put down when its last test is done."""
