"""What pdfium tells of a PDF: its characters, drawings, forms and dangers."""
