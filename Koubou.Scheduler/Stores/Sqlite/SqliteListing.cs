using System.Globalization;
using Koubou.Contracts;
using Koubou.Scheduler.Tasks;
using Microsoft.Data.Sqlite;

namespace Koubou.Scheduler.Stores.Sqlite;

/// <summary>Lists of tasks and batches, page by page.</summary>
internal sealed class SqliteListing(ReadConnections connections)
{
    private const int PageSizeDefault = 50;
    private const long TotalMaxDefault = 10_001;
    private const int ListPromptCharacters = 1_000;

    public Task<ListReply> ListAsync(ListRequest request, CancellationToken cancellation) =>
        connections.UseAsync(
            connection =>
            {
                using var command = connection.CreateCommand();
                var filter = new TaskFilter(request, command);
                var reply = new ListReply { Total = Count(connection, command, filter.Text, request.TotalMax) };

                var pageSize = PageSize(request.PageSize);
                AddPage(request, pageSize, command, filter);
                using var reader = command.ExecuteReader();
                var last = "";
                while (reply.Tasks.Count < pageSize && reader.Read())
                {
                    last = PageTokens.Write(request.Order, reader);
                    reply.Tasks.Add(TaskRows.ReadRecord(reader));
                    if (request.IncludeOutput)
                    {
                        TaskRows.AddOutput(connection, reader.GetInt64(0), reply.Tasks[^1]);
                    }
                }

                if (reader.Read())
                {
                    reply.NextPageToken = last;
                }

                return reply;
            },
            cancellation);

    public Task<ListBatchesReply> ListBatchesAsync(ListBatchesRequest request, CancellationToken cancellation) =>
        connections.UseAsync(
            connection =>
            {
                var pageSize = PageSize(request.PageSize);
                using var command = connection.Command(
                    $"SELECT id, first, client, policy FROM batches WHERE first < $after ORDER BY first DESC LIMIT {pageSize + 1}");
                command.Parameters.AddWithValue(
                    "$after",
                    request.PageToken.Length == 0
                        ? long.MaxValue
                        : long.Parse(request.PageToken, CultureInfo.InvariantCulture));
                using var reader = command.ExecuteReader();
                var reply = new ListBatchesReply();
                long last = 0;
                while (reply.Batches.Count < pageSize && reader.Read())
                {
                    last = reader.GetInt64(1);
                    reply.Batches.Add(ReadBatch(connection, reader));
                }

                if (reader.Read())
                {
                    reply.NextPageToken = last.ToString(CultureInfo.InvariantCulture);
                }

                return reply;
            },
            cancellation);

    public Task<Batch?> GetBatchAsync(string id, CancellationToken cancellation) =>
        connections.UseAsync(
            connection =>
            {
                using var command = connection.Command("SELECT id, first, client, policy FROM batches WHERE id = $id");
                command.Parameters.AddWithValue("$id", id);
                using var reader = command.ExecuteReader();
                return reader.Read() ? ReadBatch(connection, reader) : null;
            },
            cancellation);

    public Task<DataPolicy?> FindBatchPolicyAsync(string id, CancellationToken cancellation) =>
        connections.UseAsync<DataPolicy?>(
            connection =>
            {
                using var command = connection.Command("SELECT policy FROM batches WHERE id = $id");
                command.Parameters.AddWithValue("$id", id);
                return command.ExecuteScalar() is long policy ? (DataPolicy)policy : null;
            },
            cancellation);

    private static Batch ReadBatch(SqliteConnection connection, SqliteDataReader row)
    {
        var batch = new Batch
        {
            Id = row.GetString(0),
            SubmittedAt = TaskRows.ToTimestamp(new TaskId(row.GetInt64(1), 0).Milliseconds),
            Client = row.GetString(2),
            DataPolicy = (DataPolicy)row.GetInt32(3),
        };
        using var command = connection.Command(
            "SELECT state, COUNT(*), MAX(finished_at) FROM tasks WHERE batch = $id GROUP BY state");
        command.Parameters.AddWithValue("$id", batch.Id);
        using var reader = command.ExecuteReader();
        long finishedAt = 0;
        var isFinal = true;
        while (reader.Read())
        {
            var state = (TaskState)reader.GetInt32(0);
            batch.TasksByState[state.ToWord()] = reader.GetInt64(1);
            batch.Total += reader.GetInt64(1);
            finishedAt = Math.Max(finishedAt, reader.GetInt64(2));
            isFinal &= state.IsFinal();
        }

        batch.FinishedAt = isFinal ? TaskRows.ToTimestamp(finishedAt) : null;
        return batch;
    }

    private static int PageSize(int wanted) => wanted == 0 ? PageSizeDefault : wanted;

    private static long Count(SqliteConnection connection, SqliteCommand filter, string where, long totalMax)
    {
        var max = totalMax == 0 ? TotalMaxDefault : totalMax;
        using var command = connection.Command($"SELECT COUNT(*) FROM (SELECT 1 FROM tasks {where} LIMIT {max})");
        foreach (SqliteParameter parameter in filter.Parameters)
        {
            command.Parameters.AddWithValue(parameter.ParameterName, parameter.Value);
        }

        return (long)command.ExecuteScalar()!;
    }

    private static void AddPage(ListRequest request, int pageSize, SqliteCommand command, TaskFilter filter)
    {
        var prompt = request.IncludeOutput ? "prompt" : $"substr(prompt, 1, {ListPromptCharacters})";
        var after = PageTokens.After(request, filter);
        var direction = request.OldestFirst ? "ASC" : "DESC";
        var order = PageTokens.ColumnOf(request.Order) is { } column ? $"{column} {direction}, " : "";
#pragma warning disable CA2100 // Built from constants, numbers and parameter names only.
        command.CommandText =
            $"SELECT {TaskRows.Columns}{prompt}, priority FROM tasks {filter.Text}{after} ORDER BY {order}key {direction} "
            + $"LIMIT {pageSize + 1} OFFSET {request.Skip}";
#pragma warning restore CA2100
    }
}
