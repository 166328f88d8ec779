using System.Security.Cryptography;
using Grpc.Core;
using Koubou.Contracts;
using Koubou.ServiceDefaults.Scheduling;
using Koubou.ServiceDefaults.Settings;
using Koubou.Worker.Backends;
using Koubou.Worker.Pool;
using Microsoft.Extensions.Options;

namespace Koubou.Worker.Nodes;

/// <summary>
/// The one stream to a scheduler, for as long as both live; opened again for ever when it breaks. Running work goes on
/// meanwhile, and the hello of the next stream names its leases.
/// </summary>
internal sealed partial class NodeConnection(
    WorkerGateway.WorkerGatewayClient client, IOptions<WorkerOptions> options, CraftsmanPool pool, NodeOffers offers,
    BackendSet backends, TaskTypes types, ServiceSettings settings, TimeProvider clock, IConfiguration configuration,
    ILogger<NodeConnection> logger)
{
    private static readonly TimeSpan HeartbeatIntervalDefault = TimeSpan.FromSeconds(10);
    private const int ReasonsMax = 16;

    private static readonly TimeSpan GoodbyeTimeout = TimeSpan.FromSeconds(2);

    private readonly string _address = configuration[SchedulerClient.AddressKey] ?? "the scheduler";
    // What was told since the last stream stood: each reason once, however often it comes.
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private int _failures;

    /// <summary>Whether a scheduler has welcomed this node and the stream stands.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>Why there is no stream, in plain words.</summary>
    public string Trouble { get; private set; } = "not connected yet";

    /// <summary>An operator asks the node to finish or give back what runs, and to take nothing more.</summary>
    public event Action? DrainRequested;

    /// <summary>An operator asks the node to take tasks again.</summary>
    public event Action? ResumeRequested;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await RunSessionAsync(cancellationToken);
                Lost("The scheduler closed the stream.");
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                if (cancellationToken.IsCancellationRequested)
                {
                    return;
                }

                Lost(Words(exception));
            }

            var chance = RandomNumberGenerator.GetInt32(1000) / 1000.0;
            var delay = Backoff.Delay(_failures, options.Value.ReconnectDelayMin, options.Value.ReconnectDelayMax, chance);
            await Task.Delay(delay, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RunSessionAsync(CancellationToken cancellationToken)
    {
        using var session = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var call = client.Connect(cancellationToken: CancellationToken.None);
        var outbox = new Outbox(offers.Current);
        backends.Changed += outbox.PostOffer;
        try
        {
            var welcome = await GreetAsync(call, session.Token);
            types.Replace(welcome.TaskTypes);
            pool.Attach(outbox, welcome.Kept);
            Found(welcome.SchedulerId);
            await TalkAsync(call, outbox, welcome, session, cancellationToken);
        }
        finally
        {
            backends.Changed -= outbox.PostOffer;
            pool.Detach(outbox);
            IsConnected = false;
        }
    }

    private async Task<Welcome> GreetAsync(
        AsyncDuplexStreamingCall<NodeMessage, SchedulerMessage> call, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.Value.WelcomeTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            var hello = call.RequestStream.WriteAsync(new NodeMessage { Hello = Hello() }, either.Token);
            await hello.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // A write that failed only says that the stream ended. Why (a wrong join key, say), only the read knows.
            if (!await call.ResponseStream.MoveNext(either.Token))
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "closed before it welcomed this node"));
            }
        }
        catch (Exception exception) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("It did not answer the node's hello in time.", exception);
        }

        return call.ResponseStream.Current.Welcome
            ?? throw new InvalidDataException("Its first message was no welcome: is this a scheduler of Koubou?");
    }

    private Hello Hello() => new()
    {
        NodeId = options.Value.NodeId,
        Version = NodeIdentity.Version,
        Machine = Environment.MachineName,
        ProcessId = Environment.ProcessId,
        JoinKey = options.Value.JoinKey,
        Offer = offers.Current(),
        Held = { pool.Held(withUnconfirmed: true) },
        Settings = { SettingBounds.Bound(settings.All().Select(each => new Setting { Name = each.Key, Value = each.Value })) },
    };

    private async Task TalkAsync(
        AsyncDuplexStreamingCall<NodeMessage, SchedulerMessage> call, Outbox outbox, Welcome welcome,
        CancellationTokenSource session, CancellationToken leaving)
    {
        var interval = welcome.HeartbeatInterval?.ToTimeSpan() ?? HeartbeatIntervalDefault;
        var beating = BeatAsync(outbox, interval, session.Token);
        // Without a token: it ends with the stream, or when the call is disposed.
        var listening = ListenAsync(call.ResponseStream);
        var speaking = SpeakAsync(call.RequestStream, outbox, session.Token);

        var first = await Task.WhenAny(listening, speaking, beating);
        await session.CancelAsync();
        if (leaving.IsCancellationRequested)
        {
            await WithinGoodbyeAsync(SayGoodbyeAsync(call.RequestStream, speaking, listening));
        }

        call.Dispose();
        await Task.WhenAll(listening, speaking, beating).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // A write that fails only says that the stream ended; why it ended, only the read knows.
        await (listening.IsFaulted ? listening : first);
    }

    // A stream that is ended in order is no broken one: the scheduler need not wonder what became of this node.
    private static async Task SayGoodbyeAsync(IClientStreamWriter<NodeMessage> stream, Task speaking, Task listening)
    {
        await speaking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (speaking.IsCanceled && !listening.IsCompleted)
        {
            await stream.CompleteAsync();
            await listening;
        }
    }

    private async Task WithinGoodbyeAsync(Task goodbye) =>
        await goodbye.WaitAsync(GoodbyeTimeout, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task ListenAsync(IAsyncStreamReader<SchedulerMessage> stream)
    {
        while (await stream.MoveNext(CancellationToken.None))
        {
            var message = stream.Current;
            if (message.TaskTypes.Count > 0)
            {
                types.Replace(message.TaskTypes);
            }

            pool.Confirm(message.Acks);
            pool.End(message.End);
            pool.Assign(message.Assignments);
            Obey(message);
        }
    }

    private void Obey(SchedulerMessage message)
    {
        if (message.SlotsMax > 0)
        {
            pool.SetSlotsMax(message.SlotsMax);
        }

        if (message.Drain)
        {
            DrainRequested?.Invoke();
        }

        if (message.Resume)
        {
            ResumeRequested?.Invoke();
        }
    }

    private static async Task SpeakAsync(
        IClientStreamWriter<NodeMessage> stream, Outbox outbox, CancellationToken cancellationToken)
    {
        while (true)
        {
            await outbox.WhenFilledAsync(cancellationToken);
            // Behind the craftsmen who are about to finish: their reports then share this frame.
            await Task.Yield();
            // Without the token, which would tear the call: a write that hangs ends when the call is disposed.
            await stream.WriteAsync(outbox.Take(), CancellationToken.None);
        }
    }

    private async Task BeatAsync(Outbox outbox, TimeSpan interval, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval > TimeSpan.Zero ? interval : HeartbeatIntervalDefault, clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            outbox.PostHeartbeat(pool.Held(withUnconfirmed: false));
            // Calls on their way come and go too often to be told each time.
            if (offers.IsNews)
            {
                outbox.PostOffer();
            }
        }
    }

    private void Found(string schedulerId)
    {
        _failures = 0;
        _told.Clear();
        IsConnected = true;
        LogConnected(options.Value.NodeId, schedulerId, _address);
    }

    private void Lost(string reason)
    {
        Trouble = reason;
        _failures++;
        if (_told.Count < ReasonsMax && _told.Add(reason))
        {
            LogLost(_address, reason);
        }
        else
        {
            LogStillLost(_address, reason, _failures);
        }
    }

    private static string Words(Exception exception) => exception switch
    {
        RpcException { StatusCode: StatusCode.Unauthenticated or StatusCode.PermissionDenied } refused =>
            $"It refused this node: {refused.Status.Detail} Check --join-key (Koubou:Worker:JoinKey).",
        RpcException { Status: { Detail.Length: 0, DebugException: { } cause } } => cause.GetBaseException().Message,
        RpcException rpc => $"{rpc.StatusCode}: {rpc.Status.Detail}",
        _ => exception.Message,
    };
}
