"""Who rates whom as a workbook: by rater, by unit with the expected precision, and how it was made.

Counts are formulas with their values stored, so that a list changed by hand shows at once that it
is no longer the one that the seed gives.
"""

import io
from collections.abc import Mapping, Sequence

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from survey.rules.rating_table import KindRow, RatingTable

__all__ = ["assignments_workbook"]

_FICTIONAL = "DỮ LIỆU VÍ DỤ, KHÔNG CÓ THẬT"
_HEADER = 3  # row of the columns' names, from 0
_CODES_A_LINE = 32  # characters that a column of codes surely shows
_TALLEST = 409  # points that a row may have
_OPTIMISED = "integer programme and interchange"
_BALANCED = "balanced design, "
_COMPLEMENT = "complement of "
_CONSTRUCTIONS = {
    "complete blocks": "khối đầy đủ",
    "all subsets": "mọi tập con",
    "cyclic difference family": "họ hiệu xoay vòng",
    "cyclic difference family with a fixed point": "họ hiệu xoay vòng có một điểm cố định",
    "lines of an affine plane": "các đường thẳng của mặt phẳng affine",
}


def assignments_workbook(table: RatingTable) -> bytes:
    """Draw an assignment as XLSX.

    Parameters
    ----------
    table : RatingTable

    Returns
    -------
    bytes
        XLSX with the sheets "Theo người đánh giá", "Theo đơn vị" and "Cách lập".
    """
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    workbook = xlsxwriter.Workbook(target, options)
    looks = _looks(workbook)
    _rater_sheet(_sheet(workbook, looks, table, "Theo người đánh giá"), looks, table)
    _unit_sheet(_sheet(workbook, looks, table, "Theo đơn vị"), looks, table)
    _method_sheet(_sheet(workbook, looks, table, "Cách lập"), looks, table)
    workbook.close()
    return target.getvalue()


def _looks(workbook: xlsxwriter.Workbook) -> dict[str, Format]:
    base = {"font_name": "Times New Roman", "font_size": 11, "valign": "vcenter"}
    cell = {**base, "border": 1}
    return {
        "title": workbook.add_format({**base, "bold": True, "font_size": 14}),
        "plain": workbook.add_format(base),
        "note": workbook.add_format({**base, "text_wrap": True}),
        "head": workbook.add_format({**cell, "bold": True, "align": "center", "text_wrap": True}),
        "text": workbook.add_format({**cell, "text_wrap": True}),
        "number": workbook.add_format({**cell, "num_format": "#,##0"}),
        "width": workbook.add_format({**cell, "num_format": "0.0"}),
    }


def _sheet(
    workbook: xlsxwriter.Workbook, looks: Mapping[str, Format], table: RatingTable, name: str
) -> Worksheet:
    """Add a sheet with the title above its table."""
    sheet = workbook.add_worksheet(name)
    warning = f"{_FICTIONAL} – " if table.fictional else ""
    sheet.write_string(0, 0, f"{warning}{table.title}", looks["title"])
    sheet.write_string(1, 0, name, looks["plain"])
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(_HEADER)
    sheet.set_header(f"&C{_FICTIONAL if table.fictional else ''}&RTrang &P/&N")
    return sheet


def _columns(
    sheet: Worksheet, looks: Mapping[str, Format], columns: Sequence[tuple[str, int]]
) -> None:
    """Write the columns' names and set their widths."""
    for place, (name, width) in enumerate(columns):
        sheet.write_string(_HEADER, place, name, looks["head"])
        sheet.set_column(place, place, width)
    sheet.set_row(_HEADER, 48)
    sheet.freeze_panes(_HEADER + 1, 2)


def _rater_sheet(sheet: Worksheet, looks: Mapping[str, Format], table: RatingTable) -> None:
    """List every rater with the units to rate, one a column."""
    most = max(len(rater.units) for rater in table.raters)
    columns = [("Mã", 9), ("Người đánh giá", 30), ("Nhóm", 34), ("Đơn vị công tác", 12)]
    columns += [("Số đơn vị phải đánh giá", 11)]
    columns += [(f"Đơn vị thứ {number}", 30) for number in range(1, most + 1)]
    _columns(sheet, looks, columns)
    labels = {kind.code: kind.label for kind in table.kinds}
    names = {unit.code: unit.name for unit in table.units}
    first = len(columns) - most
    for row, rater in enumerate(table.raters, start=_HEADER + 1):
        for place, text in enumerate((rater.code, rater.name, labels[rater.kind], rater.unit)):
            sheet.write_string(row, place, text, looks["text"])
        for place in range(most):
            code = rater.units[place] if place < len(rater.units) else ""
            text = f"{code} – {names[code]}" if code and names[code] else code
            sheet.write_string(row, first + place, text, looks["text"])
        ends = (xl_rowcol_to_cell(row, place) for place in (first, len(columns) - 1))
        formula = f'=SUMPRODUCT(--({":".join(ends)}<>""))'
        sheet.write_formula(row, first - 1, formula, looks["number"], len(rater.units))
    sheet.autofilter(_HEADER, 0, _HEADER + len(table.raters), first - 1)


def _unit_sheet(sheet: Worksheet, looks: Mapping[str, Format], table: RatingTable) -> None:
    """List every unit with its raters by kind, their number and the expected precision."""
    columns = [("Mã", 9), ("Đơn vị được đánh giá", 38)]
    for kind in table.kinds:
        columns += [(kind.label, 36), ("Số người", 8)]
    columns += [
        ("Tổng số người", 8),
        ("± của điểm trung bình thô", 13),
        ("± của điểm đã trừ độ khắt khe", 13),
        ("± của chênh lệch với đơn vị khác", 13),
    ]
    _columns(sheet, looks, columns)
    counts = [3 + 2 * number for number in range(len(table.kinds))]
    for row, unit in enumerate(table.units, start=_HEADER + 1):
        sheet.write_string(row, 0, unit.code, looks["text"])
        sheet.write_string(row, 1, unit.name, looks["text"])
        for place, raters in zip(counts, unit.raters.values(), strict=True):
            sheet.write_string(row, place - 1, ", ".join(raters), looks["text"])
            sheet.write_number(row, place, len(raters), looks["number"])
        total = 2 + 2 * len(table.kinds)
        cells = ",".join(xl_rowcol_to_cell(row, place) for place in counts)
        sheet.write_formula(row, total, f"=SUM({cells})", looks["number"], unit.outlook.raters)
        longest = max(len(", ".join(raters)) for raters in unit.raters.values())
        sheet.set_row(row, min(15 * (1 + longest // _CODES_A_LINE), _TALLEST))
        widths = (unit.outlook.raw, unit.outlook.adjusted, unit.outlook.difference)
        for place, width in enumerate(widths, start=total + 1):
            sheet.write_number(row, place, width, looks["width"])
    row = _HEADER + len(table.units) + 2
    for sentence in _assumptions(table):
        sheet.merge_range(row, 0, row, len(columns) - 1, sentence, looks["note"])
        sheet.set_row(row, 32)
        row += 1


def _assumptions(table: RatingTable) -> tuple[str, ...]:
    """Say what the expected precision rests on."""
    spread = table.spread
    level = f"{spread.level * 100:g}".replace(".", ",")
    between, within = (f"{value:g}".replace(".", ",") for value in (spread.rater, spread.residual))
    meaning = (
        f"± là nửa độ rộng khoảng tin cậy {level} % dự kiến, tính bằng điểm, với độ lệch chuẩn "
        f"giữa các người đánh giá là {between} và của từng lần chấm là {within} ({spread.source})."
    )
    assumed = (
        "Giả định: người đánh giá được coi như chọn ngẫu nhiên và ai được giao cũng chấm; thiếu "
        "người chấm thì sai số lớn hơn."
    )
    return meaning, assumed


def _method_sheet(sheet: Worksheet, looks: Mapping[str, Format], table: RatingTable) -> None:
    """Say how the assignment was made and how it can be made again."""
    columns = [("Nhóm", 38), ("Số người mỗi đơn vị", 12), ("Nhiều nhất đơn vị mỗi người", 12)]
    columns += [("Số người", 12), ("Cách phân công", 56), ("Số đơn vị mỗi người", 40)]
    _columns(sheet, looks, columns)
    for row, kind in enumerate(table.kinds, start=_HEADER + 1):
        sheet.write_string(row, 0, kind.label, looks["text"])
        for place, number in enumerate((kind.per_unit, kind.most_units, kind.raters), start=1):
            sheet.write_number(row, place, number, looks["number"])
        sheet.write_string(row, 4, _method(kind), looks["text"])
        sheet.write_string(row, 5, _burdens(kind), looks["text"])
    least, most = table.shared
    linked = "có" if table.parts == 1 else f"không; thành {table.parts} nhóm rời nhau"
    lines = (
        ("Số khởi tạo", str(table.seed)),
        ("Phiên bản thuật toán", str(table.version)),
        ("Mọi đơn vị được nối qua người đánh giá chung", linked),
        ("Số người đánh giá chung của hai đơn vị", f"từ {least} đến {most}"),
        ("Mã băm của yêu cầu (SHA-256)", table.request_digest),
        ("Mã băm của bảng phân công (SHA-256)", table.digest),
        ("Lập lại để kiểm tra", "khaosat sample verify TỆP.json"),
    )
    for row, (label, text) in enumerate(lines, start=_HEADER + len(table.kinds) + 3):
        sheet.write_string(row, 0, label, looks["text"])
        sheet.merge_range(row, 1, row, 5, text, looks["text"])


def _method(kind: KindRow) -> str:
    """Name the method of a kind in Vietnamese."""
    if kind.method == _OPTIMISED:
        return "tối ưu hóa: quy hoạch nguyên, rồi hoán đổi cho đều"
    copies, _, name = kind.method.removeprefix(_BALANCED).rpartition(" × ")
    plain = name.removeprefix(_COMPLEMENT)
    turned = "phần bù của " if plain != name else ""
    repeated = f", lặp {copies} lần" if copies else ""
    return f"thiết kế khối cân bằng: {turned}{_CONSTRUCTIONS.get(plain, plain)}{repeated}"


def _burdens(kind: KindRow) -> str:
    """Say how many raters rate how many units."""
    return "; ".join(f"{count} người × {units} đơn vị" for units, count in kind.burdens.items())
