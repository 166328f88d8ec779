using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Koubou.Cli.Terminal;
using Koubou.Cli.Workshop;

namespace Koubou.Cli.Load;

/// <summary><c>koubou load</c>: the load test.</summary>
internal static class LoadCommand
{
    private const int TasksPreset = 100;
    private const int ConcurrencyPreset = 8;
    private static readonly TimeSpan TimeoutPreset = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan StatusPause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan TidyPatience = TimeSpan.FromSeconds(10);

    public static Command Create()
    {
        var tasks = Number("--tasks", "-n", "Tasks in all", TasksPreset, LoadPlan.TasksMax);
        var concurrency = Number("--concurrency", "-c", "Tasks at one time", ConcurrencyPreset, LoadPlan.ConcurrencyMax);
        var type = new Option<string?>("--type", "-t") { Description = "Their type. Default: general." };
        var prompt = new Option<string>("--prompt")
        {
            Description = "What each asks; its number follows. Default: a short greeting.",
            DefaultValueFactory = _ => "Say hello in one word.",
        };
        var timeout = Moments.CreateSpan("--timeout", "When it stops, whatever is left: 1s to 1h. Default: 10m.");
        var host = new Option<string?>("--allow-host")
        {
            Description = "Put the load on another machine than this one. Name it as --url does, so that it is no accident.",
        };
        var clean = new Option<bool>("--clean") { Description = "Remove its tasks afterwards." };
        return new Command("load", "Load test, bounded and for this machine only: shows throughput and latencies.")
        {
            tasks, concurrency, type, prompt, timeout, host, clean,
        }
            .Speaks(async (session, cancellationToken) =>
            {
                Guard(session.Gateway.Address, session.Value(host));
                var plan = new LoadPlan(
                    session.Value(tasks),
                    session.Value(concurrency),
                    session.Value(type),
                    session.Value(prompt)!,
                    Within(session.Value(timeout) ?? TimeoutPreset),
                    $"load-{Guid.CreateVersion7()}");
                session.Gateway.CallMyself("koubou-load");
                return await RunAsync(session, plan, session.Value(clean), cancellationToken);
            });
    }

    /// <summary>Throws unless the address is this machine's, or is named a second time.</summary>
    internal static void Guard(Uri address, string? allowedHost)
    {
        if (!address.IsLoopback && !string.Equals(address.Host, allowedHost, StringComparison.OrdinalIgnoreCase))
        {
            throw new UsageException(
                $"{address.Host} is another machine. Load a workshop that is yours to load, and say so: --allow-host {address.Host}");
        }
    }

    private static async Task<int> RunAsync(Session session, LoadPlan plan, bool clean, CancellationToken cancellationToken)
    {
        var run = new LoadRun(session.Gateway, plan, TimeProvider.System);
        await session.Surface.NoteAsync(
            $"{Figures.Count(plan.Tasks)} tasks, {plan.Concurrency} at one time, to {session.Gateway.Address} as the batch {plan.Batch}");
        LoadReport report;
        try
        {
            await using var ticker = new Timer(
                _ => session.Surface.Status.Show($"{run.Finished} of {plan.Tasks} finished"), null, TimeSpan.Zero, StatusPause);
            report = await run.RunAsync(cancellationToken);
        }
        finally
        {
            session.Surface.Status.Clear();
            await TidyAsync(session, plan.Batch, clean);
        }

        if (session.AsJson)
        {
            await session.Surface.WriteJsonAsync(JsonSerializer.SerializeToElement(report, WorkshopJson.Default.LoadReport));
        }
        else
        {
            LoadTable.Print(session.Surface, report);
        }

        return cancellationToken.IsCancellationRequested ? ExitCode.Interrupted
            : report.AllSucceeded ? ExitCode.Done
            : ExitCode.Failed;
    }

    // Also after Ctrl+C, so the command's own token is of no use here.
    private static async Task TidyAsync(Session session, string batch, bool clean)
    {
        using var patience = new CancellationTokenSource(TidyPatience);
        try
        {
            await session.Gateway.PostAsync($"batches/{batch}/cancel", null, patience.Token);
            if (clean)
            {
                await session.Gateway.SendAsync(HttpMethod.Delete, $"batches/{batch}", null, patience.Token);
            }
        }
        catch (Exception error) when (error is WorkshopException or OperationCanceledException)
        {
            await session.Surface.NoteAsync($"What is left of the batch could not be ended: koubou batch cancel {batch}");
        }
    }

    private static Option<int> Number(string name, string alias, string what, int preset, int max)
    {
        var option = new Option<int>(name, alias)
        {
            Description = $"{what}, 1 to {max.ToString("N0", CultureInfo.InvariantCulture)}. Default: {preset}.",
            DefaultValueFactory = _ => preset,
        };
        option.Validators.Add(result =>
        {
            var number = result.GetValueOrDefault<int>();
            if (number < 1 || number > max)
            {
                result.AddError($"{name} must be from 1 to {max}.");
            }
        });
        return option;
    }

    private static TimeSpan Within(TimeSpan timeout) => timeout >= TimeSpan.FromSeconds(1) && timeout <= LoadPlan.TimeoutMax
        ? timeout
        : throw new UsageException("--timeout must be from 1s to 1h.");
}
