"""Documents of each format, made with the libraries that write them; PDF by hand."""

import docx
import openpyxl
import pptx


def pdf(*pages):
    """A PDF with a line of text on each page; '' for an empty page."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for text in pages:
        stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode() if text else b""
        number = len(objects) + 1
        kids.append(f"{number} 0 R")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {number + 1} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    data, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(data))
    return data + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + end


def write_docx(path):
    document = docx.Document()
    document.add_paragraph("Before any heading.")
    document.add_heading("Leases", 1)
    document.add_paragraph("A lease ends in May.")
    document.add_paragraph("  ")
    document.add_paragraph("It may be renewed once.")
    document.add_heading("Fees", 2)
    table = document.add_table(2, 2)
    for cell, text in zip(
        (c for row in table.rows for c in row.cells), ("item", "fee", "renewal", "40 euros"), strict=True
    ):
        cell.text = text
    document.save(path)


def write_pptx(path):
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text = "Sepsis"
    slide.placeholders[1].text = "Antibiotics within one hour"
    slide.notes_slide.notes_text_frame.text = "Ask for cultures first."
    plain = presentation.slides.add_slide(presentation.slide_layouts[6])
    table = plain.shapes.add_table(1, 2, 0, 0, 99, 99).table
    table.cell(0, 0).text, table.cell(0, 1).text = "drug", "mg"
    group = plain.shapes.add_group_shape()
    group.shapes.add_textbox(0, 0, 9, 9).text_frame.text = "inside a group"
    presentation.save(path)


def write_xlsx(path):
    book = openpyxl.Workbook()
    book.active.title = "Doses"
    for row in (["drug", "mg"], ["aspirin", 100], [None, None], ["heparin", 5000]):
        book.active.append(row)
    book.save(path)
