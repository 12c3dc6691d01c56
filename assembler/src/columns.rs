//! Lines in columns, as `fmt` and the disassembler lay blocks out.

/// Cells longer than this push the rest of their own line on, and no other line's.
const WIDTH_MAX: usize = 60;

/// Each line's cells with one blank between them, those of a column beginning at one place.
pub(crate) fn aligned(lines: &[Vec<String>]) -> Vec<String> {
    let width = |cell: &String| Some(cell.chars().count()).filter(|width| *width <= WIDTH_MAX);
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            // The last cell of a line needs no room behind it.
            let cells = lines.iter().filter(|line| line.len() > column + 1);
            cells.filter_map(|line| width(&line[column])).max().unwrap_or(0)
        })
        .collect();
    let text = |line: &Vec<String>| {
        let mut text = String::new();
        for (index, (cell, width)) in line.iter().zip(&widths).enumerate() {
            text.push_str(cell);
            if index + 1 < line.len() {
                let missing = width.saturating_sub(cell.chars().count());
                text.extend(std::iter::repeat_n(' ', missing + 1));
            }
        }
        text
    };
    lines.iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_of_a_column_begin_at_one_place_but_for_long_ones() {
        let line = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
        let long = "x".repeat(WIDTH_MAX + 1);
        let lines =
            [line(&["a", "-> x"]), line(&["größe", "-> y"]), line(&["much longer, but last"]), line(&[&long, "-> z"])];
        let expected = [
            "a     -> x".to_owned(),
            "größe -> y".to_owned(),
            "much longer, but last".to_owned(),
            format!("{long} -> z"),
        ];
        assert_eq!(aligned(&lines), expected);
    }
}
