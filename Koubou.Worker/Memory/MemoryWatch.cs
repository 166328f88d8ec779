using Koubou.Worker.Nodes;
using Microsoft.Extensions.Options;

namespace Koubou.Worker.Memory;

/// <summary>
/// Looks again and again how much memory is left. Too many craftsmen on a machine with little memory end in the kernel
/// killing one of them; this says so before.
/// </summary>
internal sealed partial class MemoryWatch(
    IMemoryGauge gauge, IOptions<WorkerOptions> options, TimeProvider clock, ILogger<MemoryWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private string _trouble = "";

    /// <summary>Memory began to run short, or there is enough again.</summary>
    public event Action? Changed;

    /// <summary>What is wrong, in sentences.</summary>
    public IEnumerable<string> Troubles => Volatile.Read(ref _trouble) is { Length: > 0 } trouble ? [trouble] : [];

    /// <summary>The pool must not grow now.</summary>
    public bool IsShort => Volatile.Read(ref _trouble).Length > 0;

    /// <summary>One look.</summary>
    public void RunOnce()
    {
        var before = Volatile.Read(ref _trouble);
        if (gauge.Read() is not { } memory)
        {
            return;
        }

        var isShort = MemoryRules.IsShort(memory, before.Length > 0);
        if (isShort == before.Length > 0)
        {
            return;
        }

        Volatile.Write(ref _trouble, isShort ? MemoryRules.Sentence(memory, options.Value.SlotsMax) : "");
        if (isShort)
        {
            LogShort(Volatile.Read(ref _trouble));
        }
        else
        {
            LogRelieved();
        }

        Changed?.Invoke();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            RunOnce();
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(LogLevel.Warning, "{Sentence}")]
    private partial void LogShort(string sentence);

    [LoggerMessage(LogLevel.Information, "There is enough memory again")]
    private partial void LogRelieved();
}
