using Koubou.ServiceDefaults.Home;
using Microsoft.Data.Sqlite;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>The database file: whose it is, and how it is opened.</summary>
internal sealed class SqliteFile(KoubouHome home, SqliteOptions options) : IDisposable
{
    // EWOULDBLOCK of Linux and of macOS, ERROR_SHARING_VIOLATION of Windows.
    private static readonly int[] Taken = [11, 35, unchecked((int)0x80070020)];

    private readonly string _path = Target(options.File.Length > 0
        ? Path.GetFullPath(options.File)
        : Path.Combine(home.Database, "koubou.db"));

    private FileStream? _ownership;

    /// <summary>
    /// Refuses a second scheduler, whose memory would not agree with this one's. Throws <see cref="StoreUnusableException"/>.
    /// </summary>
    public void TakeOwnership()
    {
        var folder = Path.GetDirectoryName(_path)!;
        try
        {
            Directory.CreateDirectory(folder);

            // It stays when its owner ends. Were it removed, one scheduler could hold the old file while another makes and
            // holds a new one.
            _ownership = new FileStream(
                _path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        }
        catch (IOException error) when (Taken.Contains(error.HResult))
        {
            throw new StoreUnusableException(
                $"Another scheduler works on {_path}. SQLite serves one scheduler: stop the other, or give this one a "
                + "home of its own with KOUBOU_HOME.",
                error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnusableException(
                $"The folder {folder} cannot be written ({error.Message}). Give the user '{Environment.UserName}' write "
                + $"access, for example with `sudo chown -R {Environment.UserName} {folder}`, or choose another home with KOUBOU_HOME.",
                error);
        }
    }

    /// <summary>The one connection that writes, with the database created or migrated.</summary>
    public SqliteConnection OpenWriter()
    {
        var connection = new SqliteConnection(ConnectionString(SqliteOpenMode.ReadWriteCreate));
        connection.Open();
        using var command = connection.CreateCommand();

        // 8 MiB of pages: a commit that split a page walks through all that are cached (the splitting renames pages by way of
        // the page of the lock byte, which lies beyond the end, and a commit drops what lies beyond the end).
        command.CommandText = """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            PRAGMA busy_timeout = 5000;
            PRAGMA wal_autocheckpoint = 4000;
            PRAGMA journal_size_limit = 67108864;
            PRAGMA cache_size = -8192;
            """;
        command.ExecuteNonQuery();
        SqliteSchema.Migrate(connection, _path);
        if (options.BytesMax > 0)
        {
            command.CommandText = "PRAGMA page_size";
            var pageSize = (long)command.ExecuteScalar()!;
#pragma warning disable CA2100 // A number.
            command.CommandText = $"PRAGMA max_page_count = {options.BytesMax / 4 * 5 / pageSize}";
#pragma warning restore CA2100
            command.ExecuteNonQuery();
        }

        return connection;
    }

    public string ConnectionString(SqliteOpenMode mode) => new SqliteConnectionStringBuilder
    {
        DataSource = _path,
        Mode = mode,
        Pooling = false,
    }.ToString();

    public void Dispose() => _ownership?.Dispose();

    // A link and what it points to are one database, so they have one owner.
    private static string Target(string path) => new FileInfo(path).LinkTarget is null
        ? path
        : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;
}
