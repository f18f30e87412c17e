"""What loaders hand over."""
