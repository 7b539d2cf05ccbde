"""The shipped problems, one folder or file each: the only place that knows a particular model."""
