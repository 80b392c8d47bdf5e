// Package xfer carries tables in and out as spreadsheets (表格导入导出): CSV as
// offices save it, and XLSX. It knows columns, cells and rows, and no domain.
//
//   - A Table names its columns once; headings are found in Chinese, English or
//     by key, in any order, also below a title line.
//   - Reading streams and is bounded: the size of the file and what it unpacks
//     to, rows, columns and cells. What is beyond is refused, whatever its size.
//   - A cell is never guessed at: a number that the spreadsheet has already
//     rounded is told, not repaired.
//   - Run checks rows on all processors, lands them in short transactions, and
//     tells of each row what became of it. Rows that cannot land come back in a
//     file with every reason, which can be corrected and imported again.
//   - What Write wrote, Open reads back the same, in both formats.
package xfer
