using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>Connections for reading, at most <see cref="ConnectionsMax"/>; who comes later waits for one.</summary>
internal sealed class ReadConnections(string connectionString) : IDisposable
{
    private const int ConnectionsMax = 8;

    private readonly ConcurrentBag<SqliteConnection> _idle = [];
    private readonly SemaphoreSlim _places = new(ConnectionsMax);

    public async Task<T> UseAsync<T>(Func<SqliteConnection, T> read, CancellationToken cancellation)
    {
        await _places.WaitAsync(cancellation);
        try
        {
            if (!_idle.TryTake(out var connection))
            {
                connection = new SqliteConnection(connectionString);
                connection.Open();
            }

            var result = read(connection);
            _idle.Add(connection);
            return result;
        }
        catch (SqliteException error)
        {
            throw SqliteErrors.Explain(error);
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose()
    {
        while (_idle.TryTake(out var connection))
        {
            connection.Dispose();
        }

        _places.Dispose();
    }
}

/// <summary>Commands of texts that this engine builds from constants and parameter names only.</summary>
internal static class ReadConnectionExtensions
{
    public static SqliteCommand Command(this SqliteConnection connection, string text)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // See above: nothing that a client said becomes part of a text.
        command.CommandText = text;
#pragma warning restore CA2100
        return command;
    }

    /// <summary>The one number of a query; 0 when there is none.</summary>
    public static long Scalar(this SqliteConnection connection, string text)
    {
        using var command = connection.Command(text);
        return command.ExecuteScalar() is long value ? value : 0;
    }
}
