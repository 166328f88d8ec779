using System.Diagnostics;
using Koubou.LocalHosting.Output;
using Koubou.LocalHosting.Health;
using Koubou.LocalHosting.Processes;
using Microsoft.Extensions.Hosting;

namespace Koubou.LocalHosting.Launching;

/// <summary>Keeps one service running: starts it, sees it become healthy, starts it again after a crash.</summary>
internal sealed class ServiceSupervisor(
    ServicePlan plan, IHostEnvironment host, LaunchOptions options, HealthGate gate, ConsoleWriter console)
    : IDisposable
{
    private readonly TaskCompletionSource _healthy = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping = new();
    private readonly RestartBackoff _backoff = new(options);
    private readonly OutputTail _tail = new();
    private ServiceProcess? _process;
    private Task _run = Task.CompletedTask;

    public ServicePlan Plan => plan;

    /// <summary>Ends when the service is healthy for the first time; fails when the workshop should give up on it.</summary>
    public Task Healthy => _healthy.Task;

    /// <summary>Begins to keep the service running. Called once.</summary>
    public void Begin(Task dependencies, Action releasePorts, CancellationToken atOnce) =>
        _run = RunAsync(dependencies, releasePorts, atOnce);

    /// <summary>Ends the service: gracefully at first, with all it started at last.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _run;
    }

    public void Dispose() => _stopping.Dispose();

    private async Task RunAsync(Task dependencies, Action releasePorts, CancellationToken atOnce)
    {
        try
        {
            await dependencies.WaitAsync(_stopping.Token);
            releasePorts();
            await KeepRunningAsync();
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            _healthy.TrySetCanceled(_stopping.Token);
        }
        catch (Exception fault)
        {
            GiveUp(fault as ServiceStartException
                ?? new ServiceStartException($"{plan.Name} could not be started: {fault.Message}", fault));
        }

        if (_process is { } process)
        {
            await process.StopAsync(options.StopGrace, atOnce);
            await MarkedProcesses.EndAsync(plan.Mark, TimeSpan.Zero);
            process.Dispose();
        }
    }

    private void GiveUp(ServiceStartException fault)
    {
        // Before the first health the workshop reports it; later the other services go on without this one.
        if (!_healthy.TrySetException(fault))
        {
            console.Trouble(plan.Name, fault.Message);
        }
    }

    private async Task KeepRunningAsync()
    {
        var patience = Stopwatch.StartNew();
        for (var starts = 1; ; starts++)
        {
            _stopping.Token.ThrowIfCancellationRequested();
            _process = ServiceProcess.Start(plan.DescribeStart(host, console.Colour), Show);
            await SeeHealthyAsync(_process, options.StartTimeout - patience.Elapsed);

            var exitCode = await _process.Exited.WaitAsync(_stopping.Token);
            await MarkedProcesses.EndAsync(plan.Mark, TimeSpan.Zero);
            if (!Healthy.IsCompleted && starts >= options.StartAttemptsMax)
            {
                throw Failure($"ended with exit code {exitCode} each of the {starts} times it was started");
            }

            var pause = _backoff.Next(_process.Uptime);
            console.Trouble(plan.Name, $"ended with exit code {exitCode}; starts again in {pause.TotalSeconds:0.#} s");
            _process.Dispose();
            _process = null;
            await Task.Delay(pause, _stopping.Token);
        }
    }

    /// <summary>Returns when the service is healthy or its process has ended; only a first start has a deadline.</summary>
    private async Task SeeHealthyAsync(ServiceProcess process, TimeSpan patience)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        if (!Healthy.IsCompleted)
        {
            over.CancelAfter(patience > TimeSpan.Zero ? patience : TimeSpan.Zero);
        }

        var health = Task.WhenAll(
            gate.WaitAsync(plan.HealthChecks, plan.Replica, over.Token),
            HealthGate.WaitAsync(plan.TcpHealthChecks, over.Token));
        if (await Task.WhenAny(health, process.Exited) == process.Exited)
        {
            await over.CancelAsync();
            await health.ContinueWith(_ => { }, TaskScheduler.Default);
            return;
        }

        if (!health.IsCompletedSuccessfully)
        {
            _stopping.Token.ThrowIfCancellationRequested();
            throw Failure($"was not healthy within {options.StartTimeout.TotalSeconds:0.#} s");
        }

        console.Progress(plan.Name, $"healthy after {process.Uptime.TotalSeconds:0.0} s");
        _healthy.TrySetResult();
    }

    private ServiceStartException Failure(string what)
    {
        var lines = _tail.Lines();
        var last = lines.Count == 0
            ? "It wrote nothing."
            : $"Its last lines:{Environment.NewLine}  {string.Join(Environment.NewLine + "  ", lines)}";
        return new ServiceStartException($"{plan.Name} {what}. {last}");
    }

    private void Show(string line)
    {
        _tail.Add(line);
        console.ServiceLine(plan.Name, line);
    }
}
