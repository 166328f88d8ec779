using Microsoft.Data.Sqlite;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>A statement that is compiled once and run many times, with positional parameters.</summary>
internal sealed class PreparedCommand : IDisposable
{
    private readonly SqliteCommand command;

    public PreparedCommand(SqliteConnection connection, string text, int parameters)
    {
        command = connection.CreateCommand();
#pragma warning disable CA2100 // All texts are constants of this project.
        command.CommandText = text;
#pragma warning restore CA2100
        for (var number = 1; number <= parameters; number++)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = $"${number}", Value = DBNull.Value });
        }

        command.Prepare();
    }

    public PreparedCommand Set(int number, long value)
    {
        command.Parameters[number - 1].Value = value;
        return this;
    }

    public PreparedCommand Set(int number, string? value)
    {
        command.Parameters[number - 1].Value = value is null ? DBNull.Value : value;
        return this;
    }

    public PreparedCommand Set(int number, byte[]? value)
    {
        command.Parameters[number - 1].Value = value is null ? DBNull.Value : value;
        return this;
    }

    public void Run() => command.ExecuteNonQuery();

    public SqliteDataReader Read() => command.ExecuteReader();

    public void Dispose() => command.Dispose();
}
