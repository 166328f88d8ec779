using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Koubou.Gateway.Rest.Native;

/// <summary>
/// Writes server-sent events, and a comment whenever nothing was written for a while, so that no proxy takes a thinking
/// model for a dead connection.
/// </summary>
internal sealed class EventStream : IAsyncDisposable
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(15);

    private readonly HttpContext _context;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly CancellationTokenSource _ended;
    private readonly Task _keepAlive;

    private EventStream(HttpContext context, TimeProvider time)
    {
        _context = context;
        _ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        _keepAlive = KeepAliveAsync(time);
    }

    public static async Task<EventStream> BeginAsync(HttpContext context, TimeProvider time)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.StartAsync(context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        return new EventStream(context, time);
    }

    /// <summary>Sample: <c>event: chunk⏎id: 5⏎data: {"offset":0,"text":"Hello"}⏎⏎</c>.</summary>
    public Task WriteAsync<T>(string name, string? id, T data, JsonTypeInfo<T> type) =>
        WriteAsync(name, id, JsonSerializer.Serialize(data, type));

    /// <summary>The same with data that is JSON already, in one line.</summary>
    public Task WriteAsync(string name, string? id, string json)
    {
        var text = new StringBuilder().Append("event: ").Append(name).Append('\n');
        if (id is not null)
        {
            text.Append("id: ").Append(id).Append('\n');
        }

        // JSON never holds a bare line feed, so one data line carries it whole.
        text.Append("data: ").Append(json).Append("\n\n");
        return WriteAsync(text.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _keepAlive;
        _ended.Dispose();
        _writing.Dispose();
    }

    private async Task WriteAsync(string text)
    {
        await _writing.WaitAsync(_ended.Token);
        try
        {
            await _context.Response.WriteAsync(text, _ended.Token);
            await _context.Response.Body.FlushAsync(_ended.Token);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task KeepAliveAsync(TimeProvider time)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Quiet, time, _ended.Token);
                await WriteAsync(": still here\n\n");
            }
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // The stream is over.
        }
    }
}
