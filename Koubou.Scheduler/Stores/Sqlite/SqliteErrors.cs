using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>Says in plain words what is wrong with the database and what mends it.</summary>
internal static class SqliteErrors
{
    public static StoreUnusableException Explain(SqliteException error) => new(
        error.SqliteErrorCode switch
        {
            raw.SQLITE_FULL => "The disk of the queue's database is full, or Queue:Sqlite:BytesMax is reached. Free some space, see `df -h`; then submits are taken again at once.",
            raw.SQLITE_IOERR => $"The queue's database cannot be read or written ({error.Message}). Check the disk with `df -h` and `dmesg`.",
            raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_CANTOPEN =>
                $"The queue's database cannot be written ({error.Message}). Check the owner of its folder with `ls -l`, or move it with KOUBOU_HOME.",
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB =>
                $"The queue's database is damaged ({error.Message}). Restore a copy, or move the file away to start with an empty queue.",
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED =>
                $"Another program holds the queue's database ({error.Message}). Stop it, then try again.",
            _ => $"The queue's database failed: {error.Message}",
        },
        error);
}
