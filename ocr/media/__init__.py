"""What a file is, told by its bytes, and how pictures are decoded."""
