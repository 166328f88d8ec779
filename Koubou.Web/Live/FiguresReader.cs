using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Koubou.Contracts;
using Microsoft.Extensions.Options;

namespace Koubou.Web.Live;

/// <summary>Reads the numbers by minute and hour, and what is wrong, from time to time while someone watches.</summary>
internal sealed partial class FiguresReader(
    TaskQueue.TaskQueueClient scheduler,
    Workshop workshop,
    IOptions<LiveOptions> options,
    TimeProvider clock,
    ILogger<FiguresReader> logger) : LiveLoop
{
    private static readonly TimeSpan AnswerTimeMax = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DayStep = TimeSpan.FromMinutes(15);
    private DateTimeOffset _dayReadAt = DateTimeOffset.MinValue;

    internal override async Task RunOnceAsync(CancellationToken cancellation)
    {
        if (!workshop.IsWatched)
        {
            await workshop.FiguresWanted.WaitAsync(cancellation);
        }

        if (workshop.Current.Link.State == LinkState.Live)
        {
            await ReadAsync(cancellation);
        }

        await workshop.FiguresWanted.WaitAsync(options.Value.FiguresInterval, clock, cancellation);
        await Task.Delay(options.Value.ReadInterval, clock, cancellation);
    }

    private async Task ReadAsync(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var known = workshop.Current.Figures;
        var calls = new CallOptions(deadline: (now + AnswerTimeMax).UtcDateTime, cancellationToken: cancellation);
        try
        {
            var findings = await scheduler.GetHealthAsync(new HealthRequest(), calls);
            var hour = await scheduler.GetMetricsAsync(new MetricsRequest(), calls);
            var (day, statusAtDay) = (known.Day, known.StatusAtDay);
            if (day is null || now - _dayReadAt >= options.Value.DayInterval || StepOf(now) != StepOf(_dayReadAt))
            {
                day = await scheduler.GetMetricsAsync(
                    new MetricsRequest
                    {
                        From = Timestamp.FromDateTimeOffset(now.AddDays(-1)),
                        Step = Duration.FromTimeSpan(DayStep),
                    },
                    calls);
                // Of the same moment: the one that the pages show may be of long ago, when someone last watched.
                (_dayReadAt, statusAtDay) = (now, await scheduler.GetStatusAsync(new StatusRequest(), calls));
            }

            workshop.Counted(new WorkshopFigures(hour, day, [.. findings.Findings]) { StatusAtDay = statusAtDay });
        }
        catch (RpcException error) when (!cancellation.IsCancellationRequested)
        {
            LogUnread(logger, error.StatusCode, error.Status.Detail);
        }
    }

    // A day that has just begun for some reader is counted from its first moment on.
    private static long StepOf(DateTimeOffset time) => time.ToUnixTimeSeconds() / (long)DayStep.TotalSeconds;

    [LoggerMessage(LogLevel.Debug, "The figures could not be read ({Status}: {Detail})")]
    private static partial void LogUnread(ILogger logger, StatusCode status, string detail);
}
