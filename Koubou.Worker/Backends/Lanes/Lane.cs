using Koubou.Contracts;
using Koubou.Worker.Backends.Http;
using Koubou.Worker.Craftsmen;

namespace Koubou.Worker.Backends.Lanes;

/// <summary>
/// A backend and what the node has learned about it: how many calls are on their way, how many it answers side by side,
/// and whether it is to be left alone for a while.
/// </summary>
internal sealed partial class Lane
{
    private readonly Lock _lock = new();
    private readonly Circuit _circuit;
    private readonly LaneGate _gate;
    private readonly LevelMeter _meter;
    private readonly ILogger _logger;
    private bool _wasAvailable;
    private int _claims;
    private string _lastWords = "";

    public Lane(IBackend backend, TimeProvider clock, ILogger logger)
    {
        Backend = backend;
        _logger = logger;
        var traits = backend.Traits;
        _circuit = new Circuit(traits.CircuitFailures, traits.CircuitBreak, clock);
        _gate = new LaneGate(traits.ParallelMin);
        _meter = new LevelMeter(traits.ParallelMin, traits.ParallelMax, clock);
        backend.Changed += OnBackendChanged;
    }

    /// <summary>Its description, or its level, is another one now.</summary>
    public event Action? Changed;

    public IBackend Backend { get; }

    public string Name => Backend.Name;

    /// <summary>Calls that it is given side by side now.</summary>
    public int Level => _gate.Width;

    public int InFlight => _gate.Inside;

    /// <summary>It may be asked at once.</summary>
    public bool IsReady => Backend.Available && _circuit.Wait == TimeSpan.Zero;

    /// <summary>Tasks that were sent its way and have not come back: called, waiting for their turn, or for a pull.</summary>
    public int Claims => Volatile.Read(ref _claims);

    /// <summary>One more task is sent its way; <see cref="Release"/> ends it.</summary>
    public void Claim() => Interlocked.Increment(ref _claims);

    /// <summary>The task came back.</summary>
    public void Release() => Interlocked.Decrement(ref _claims);

    /// <summary>The level at which throughput stopped rising. 0: not known yet, or nothing is measured.</summary>
    public int SettledLevel
    {
        get
        {
            lock (_lock)
            {
                return _meter.Rule.IsSettled ? _meter.Rule.Base : 0;
            }
        }
    }

    public Backend Describe()
    {
        var described = Backend.Describe();
        described.InFlight = InFlight;
        described.Parallel = SettledLevel;
        described.CircuitOpen = _circuit.Wait > TimeSpan.Zero;
        if (described.CircuitOpen && described.Healthy)
        {
            described.Healthy = false;
            described.DetailCode = "circuit_open";
            described.Detail = $"It failed {Backend.Traits.CircuitFailures} times in a row and is left alone for "
                + $"{Failures.Words(Backend.Traits.CircuitBreak)} at a time. {Volatile.Read(ref _lastWords)}".TrimEnd();
        }

        return described;
    }

    /// <summary>One call: waits for its turn, and tells the circuit how it went.</summary>
    /// <param name="open">Makes the model ready; not counted as a call, for a pull may take minutes.</param>
    /// <param name="ask">Asks it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<TaskResult> RunAsync(
        Func<CancellationToken, Task<ReadyModel>> open, Func<ReadyModel, CancellationToken, Task<TaskResult>> ask,
        CancellationToken cancellationToken)
    {
        if (!Backend.Available)
        {
            throw Backend.Away();
        }

        if (!_circuit.TryPass())
        {
            throw new GiveBackException("circuit_open",
                $"Backend '{Name}' failed {Backend.Traits.CircuitFailures} times in a row and is left alone for a while.",
                _circuit.Wait);
        }

        var told = false;
        try
        {
            var model = await open(cancellationToken);
            var result = await InTurnAsync(() => ask(model, cancellationToken), cancellationToken);
            told = true;
            Close();
            return result;
        }
        catch (Exception exception) when (IsOfTheBackend(exception))
        {
            told = true;
            Volatile.Write(ref _lastWords, exception.Message);
            if (_circuit.Failed())
            {
                LogOpened(Name, Backend.Traits.CircuitBreak, exception.Message);
                Changed?.Invoke();
            }

            throw;
        }
        finally
        {
            if (!told)
            {
                _circuit.Left();
            }
        }
    }

    /// <summary>One more piece of an answer came: that is what throughput is measured in.</summary>
    public void CountPiece()
    {
        lock (_lock)
        {
            if (!_meter.AddPiece())
            {
                return;
            }
        }

        Adopt();
    }

    private static bool IsOfTheBackend(Exception exception) => exception switch
    {
        TaskFailureException { Code: BackendFaults.Failed or BackendFaults.BrokeOff or BackendFaults.Silent
            or BackendFaults.AuthRefused or BackendFaults.QuotaUsedUp } => true,
        GiveBackException { Code: BackendFaults.Unreachable } => true,
        _ => false,
    };

    private async Task<TaskResult> InTurnAsync(Func<Task<TaskResult>> ask, CancellationToken cancellationToken)
    {
        await _gate.EnterAsync(cancellationToken);
        Recount();
        try
        {
            return await ask();
        }
        finally
        {
            _gate.Leave();
            Recount();
        }
    }

    private void Recount()
    {
        lock (_lock)
        {
            if (!_meter.SetInside(_gate.Inside))
            {
                return;
            }
        }

        Adopt();
    }

    private void Adopt()
    {
        int level;
        lock (_lock)
        {
            level = _meter.Rule.Level;
        }

        LogLeveled(Name, _gate.Width, level);
        _gate.SetWidth(level);
        Changed?.Invoke();
    }

    private void Close()
    {
        if (_circuit.Succeeded())
        {
            LogClosed(Name);
            Changed?.Invoke();
        }
    }

    private void OnBackendChanged()
    {
        var available = Backend.Available;
        if (available && !_wasAvailable)
        {
            // It came back: what it did before no longer counts.
            Close();
        }

        _wasAvailable = available;
        Changed?.Invoke();
    }

    [LoggerMessage(LogLevel.Warning, "Backend {Name} is left alone for {Break} at a time. Its last words: {Reason}")]
    private partial void LogOpened(string name, TimeSpan @break, string reason);

    [LoggerMessage(LogLevel.Information, "Backend {Name} answers again")]
    private partial void LogClosed(string name);

    [LoggerMessage(LogLevel.Debug, "Backend {Name} is given {After} calls side by side, before {Before}")]
    private partial void LogLeveled(string name, int before, int after);
}
