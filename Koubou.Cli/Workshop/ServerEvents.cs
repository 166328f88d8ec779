using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;

namespace Koubou.Cli.Workshop;

/// <summary>
/// A stream of the workshop's events that goes on where it was when the connection breaks or the gateway restarts.
/// </summary>
internal sealed class ServerEvents(GatewayClient gateway, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>How long the workshop may be away before the stream gives up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Reads until the caller stops reading. The stream itself has no end.</summary>
    public async IAsyncEnumerable<SseItem<string>> ReadAsync(
        string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? last = null;
        long? heardAt = null;
        while (true)
        {
            await using var connection = await TryOpenAsync(path, last, heardAt, cancellationToken);
            heardAt = connection is null ? heardAt : time.GetTimestamp();
            while (connection is not null && await TryNextAsync(connection, cancellationToken))
            {
                heardAt = time.GetTimestamp();
                last = connection.Current.EventId ?? last;
                yield return connection.Current;
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private async Task<Connection?> TryOpenAsync(
        string path, string? last, long? heardAt, CancellationToken cancellationToken)
    {
        try
        {
            var response = await gateway.OpenAsync(HttpMethod.Get, path, lastEventId: last, cancellationToken: cancellationToken);
            return new Connection(response, await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken);
        }
        catch (WorkshopException error) when (heardAt is { } then && MayComeBack(error, then))
        {
            return null;
        }
    }

    // Only what was there once is waited for.
    private bool MayComeBack(WorkshopException error, long heardAt) =>
        (error.IsAway || error.RetryAfter is not null) && time.GetElapsedTime(heardAt) < Patience;

    private static async Task<bool> TryNextAsync(Connection connection, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.NextAsync();
        }
        catch (Exception error) when (error is IOException or HttpRequestException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private sealed class Connection(HttpResponseMessage response, Stream stream, CancellationToken cancellationToken)
        : IAsyncDisposable
    {
        private readonly IAsyncEnumerator<SseItem<string>> _items =
            SseParser.Create(stream).EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);

        public SseItem<string> Current => _items.Current;

        public ValueTask<bool> NextAsync() => _items.MoveNextAsync();

        public async ValueTask DisposeAsync()
        {
            await _items.DisposeAsync();
            await stream.DisposeAsync();
            response.Dispose();
        }
    }
}
