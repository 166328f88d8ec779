using Spectre.Console;

namespace Koubou.Cli.Terminal;

/// <summary>Rows under headings. The last column gives way where a terminal is too narrow.</summary>
internal sealed class Rows(params string[] headings)
{
    private const int Gap = 2;

    private readonly List<Cell[]> _rows = [];

    public int Count => _rows.Count;

    public void Add(params Cell[] cells) => _rows.Add(cells);

    public Table ToTable(bool isTerminal)
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = headings.Length > 0, Expand = false };
        var columns = headings.Length > 0 ? headings : [.. (_rows.FirstOrDefault() ?? []).Select(_ => "")];
        for (var i = 0; i < columns.Length; i++)
        {
            var heading = new Text(columns[i], new Style(decoration: Decoration.Bold));
            var isLast = i == columns.Length - 1;
            table.AddColumn(new TableColumn(heading)
            {
                NoWrap = !isLast || !isTerminal,
                Padding = new Padding(0, 0, isLast ? 0 : Gap, 0),
            });
        }

        foreach (var row in _rows)
        {
            table.AddRow(row.Select((cell, i) => Render(cell, isTerminal && i == row.Length - 1)));
        }

        return table;
    }

    private static Text Render(Cell cell, bool mayBeCut) => new Text(cell.Text.Replace('\n', ' ').Replace('\r', ' '), cell.Style)
    {
        Overflow = mayBeCut ? Overflow.Ellipsis : Overflow.Fold,
    };
}
