namespace Koubou.Cli.Workshop;

/// <summary>Bears with a gateway that restarts: what answered once may be away for a minute.</summary>
internal sealed class Patience(TimeProvider time)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private long? _heardAt;

    /// <summary>What the call gave, or null after a pause when nobody answered; throws once the patience has ended.</summary>
    public async Task<T?> TryAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
        where T : struct
    {
        try
        {
            var answer = await call();
            _heardAt = time.GetTimestamp();
            return answer;
        }
        catch (WorkshopException error) when (
            (error.IsAway || error.RetryAfter is not null) && _heardAt is { } then && time.GetElapsedTime(then) < Limit)
        {
            await Task.Delay(Pause, time, cancellationToken);
            return null;
        }
    }
}
