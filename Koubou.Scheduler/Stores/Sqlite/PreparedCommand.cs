using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>
/// A statement that is compiled once and run for every task. It speaks to SQLite below ADO.NET, whose commands cost
/// several times what the statement itself does. Used by one thread.
/// </summary>
internal sealed class PreparedCommand : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    public PreparedCommand(SqliteConnection connection, string text)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v2(_database, text, out _statement));
    }

    public PreparedCommand Set(int number, long value)
    {
        Check(raw.sqlite3_bind_int64(_statement, number, value));
        return this;
    }

    public PreparedCommand Set(int number, string? value)
    {
        Check(value is null ? raw.sqlite3_bind_null(_statement, number) : raw.sqlite3_bind_text(_statement, number, value));
        return this;
    }

    public PreparedCommand Set(int number, ReadOnlySpan<byte> value)
    {
        Check(raw.sqlite3_bind_blob(_statement, number, value));
        return this;
    }

    /// <summary>Runs to the end.</summary>
    public void Run()
    {
        while (Step())
        {
            // Rows of a statement that only changes something are not looked at.
        }
    }

    /// <summary>Goes to the next row. False at the end; the statement is then ready to run again.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(_statement);
        if (code == raw.SQLITE_ROW)
        {
            return true;
        }

        // The code of a failed step is also that of the reset.
        var reset = raw.sqlite3_reset(_statement);
        Check(code == raw.SQLITE_DONE ? reset : code);
        return false;
    }

    public long GetInt64(int column) => raw.sqlite3_column_int64(_statement, column);

    public void Dispose() => _statement.Dispose();

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
        {
            throw new SqliteException(
                raw.sqlite3_errmsg(_database).utf8_to_string(), code & 0xFF, raw.sqlite3_extended_errcode(_database));
        }
    }
}
