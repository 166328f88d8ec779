using System.Globalization;
using System.Text;
using Koubou.ServiceDefaults.Keys;

namespace Koubou.Cli.Keys;

/// <summary>Keys as lines of columns.</summary>
internal static class KeyTable
{
    public static string Write(IReadOnlyList<StoredKey> keys, DateTimeOffset now)
    {
        string[][] rows =
        [
            ["ID", "NAME", "SCOPES", "REQ/MIN", "AT ONCE", "TASKS", "PRIORITY", "EXPIRES"],
            .. keys.Select(key => new[]
            {
                key.Id,
                key.Name,
                string.Join(',', key.Rights.Scopes.ToWords()),
                Limit(key.Rights.RequestsPerMinute),
                Limit(key.Rights.ConcurrencyMax),
                Limit(key.Rights.LiveTasksMax),
                Limit(key.Rights.PriorityMax),
                Expiry(key.Rights.ExpiresAt, now),
            }),
        ];
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            text.AppendLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }

        return text.ToString();
    }

    private static string Limit(long number) => number == 0 ? "-" : number.ToString(CultureInfo.InvariantCulture);

    private static string Expiry(DateTimeOffset? at, DateTimeOffset now) => at switch
    {
        null => "never",
        { } time when time <= now => "expired",
        { } time => time.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture),
    };
}
