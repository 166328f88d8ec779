using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Koubou.OllamaStandIn;

/// <summary>
/// An Ollama without models, on a real port. Answers are the words of <see cref="Answer"/>; everything that can go wrong
/// with a real one is a property here.
/// </summary>
public sealed class StandInServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private SemaphoreSlim? _running;
    private int _parallel;
    private int _inFlight;
    private int _inFlightMax;
    private int _loads;

    private StandInServer(WebApplication app)
    {
        _app = app;
        Memory = new ModelMemory(this);
        ModelEndpoints.Map(app, this);
        PullEndpoint.Map(app, this);
        ChatEndpoint.Map(app, this);
    }

    public Uri Address { get; private set; } = new("http://127.0.0.1");

    public string Version { get; set; } = "0.13.0-standin";

    public ConcurrentDictionary<string, StandInModel> Models { get; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, bool> Loaded { get; } = new(StringComparer.Ordinal);

    /// <summary>The pieces of the answer to a prompt. Default: <c>Answer to: </c> and the prompt's words.</summary>
    public Func<string, IEnumerable<string>> Answer { get; set; } = prompt =>
        ["Answer", " to:", .. prompt.Split(' ').Select(word => " " + word)];

    /// <summary>Awaited before the piece of that index. Default: no wait.</summary>
    public Func<int, Task> BeforePiece { get; set; } = _ => Task.CompletedTask;

    public TimeSpan PieceDelay { get; set; }

    /// <summary>Models that fit into memory side by side. Default: all.</summary>
    public int LoadedMax { get; set; } = int.MaxValue;

    /// <summary>What loading a model costs.</summary>
    public TimeSpan LoadDelay { get; set; }

    /// <summary>Awaited while a model is loaded. Default: no wait.</summary>
    public Func<Task> WhileLoading { get; set; } = () => Task.CompletedTask;

    /// <summary>Chats that run side by side, as <c>OLLAMA_NUM_PARALLEL</c>; more wait inside, without bound. 0: all run.</summary>
    public int Parallel
    {
        get => _parallel;
        set
        {
            _parallel = value;
            _running = value > 0 ? new SemaphoreSlim(value) : null;
        }
    }

    /// <summary>Tokens that a model has room for where a chat does not say; a token is a word here.</summary>
    public int ContextLength { get; set; } = 4096;

    /// <summary>Chats are passed on to this host, although tags and show say nothing of it; empty: it names only the
    /// model there. Null: they are not.</summary>
    public string? SecretRemoteHost { get; set; }

    /// <summary>Chats are answered with a redirect to this place. Null: they are answered.</summary>
    public Uri? RedirectTo { get; set; }

    /// <summary>The most chats that ran at once.</summary>
    public int InFlightMax => _inFlightMax;

    /// <summary>How often a model was loaded.</summary>
    public int Loads => _loads;

    /// <summary>Answers so many chats with 503 before it serves again.</summary>
    public int BusyChats { get; set; }

    /// <summary>The <c>Retry-After</c> of those, in seconds. Null: none is sent.</summary>
    public int? BusyRetryAfter { get; set; }

    /// <summary>Sends an error line under HTTP 200 after so many pieces.</summary>
    public int? ErrorAfterPieces { get; set; }

    /// <summary>Breaks the connection after so many pieces.</summary>
    public int? BreakAfterPieces { get; set; }

    /// <summary>Answers chats with this status. Null: none.</summary>
    public (HttpStatusCode Status, string Error)? ChatFault { get; set; }

    /// <summary>Pulls end with this error line. Null: they succeed.</summary>
    public string? PullError { get; set; }

    /// <summary>Awaited before each line of a pull. Default: no wait.</summary>
    public Func<string, Task> BeforePullLine { get; set; } = _ => Task.CompletedTask;

    internal ModelMemory Memory { get; }

    /// <summary>Every request that came, in order.</summary>
    public SignalLog<StandInRequest> Requests { get; } = new();

    /// <summary>The prompt of every chat whose client went away before its end.</summary>
    public SignalLog<string> Disconnects { get; } = new();

    /// <summary>Starts on that port of the loopback address. 0: a free one.</summary>
    public static async Task<StandInServer> StartAsync(int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var server = new StandInServer(builder.Build());
        await server._app.StartAsync();
        server.Address = new Uri(server._app.Urls.First());
        return server;
    }

    /// <summary>Gives it a model. One with a remote host is served by a cloud.</summary>
    public void AddModel(string name, string? remoteHost = null) =>
        Models[name] = new StandInModel(name, remoteHost, remoteHost is null ? null : name.Split(':')[0]);

    /// <summary>A chat arrives; dispose the result when it ends.</summary>
    internal async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        var inFlight = Interlocked.Increment(ref _inFlight);
        var most = Volatile.Read(ref _inFlightMax);
        while (inFlight > most && Interlocked.CompareExchange(ref _inFlightMax, inFlight, most) is var seen && seen != most)
        {
            most = seen;
        }

        var running = _running;
        try
        {
            await (running?.WaitAsync(cancellationToken) ?? Task.CompletedTask);
        }
        catch (OperationCanceledException)
        {
            Interlocked.Decrement(ref _inFlight);
            throw;
        }

        return new Leaving(() =>
        {
            Interlocked.Decrement(ref _inFlight);
            running?.Release();
        });
    }

    internal void CountLoad() => Interlocked.Increment(ref _loads);

    public Task WaitForShutdownAsync() => _app.WaitForShutdownAsync();

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
