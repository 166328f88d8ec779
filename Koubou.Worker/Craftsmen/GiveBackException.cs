namespace Koubou.Worker.Craftsmen;

/// <summary>The task could not even be begun here; it goes back to the queue and the attempt is not counted.</summary>
/// <param name="code">A stable word for programs, such as <c>model_missing</c>.</param>
/// <param name="message">One sentence for people, with the command that mends it.</param>
/// <param name="retryAfter">Nobody should try sooner.</param>
/// <param name="inner">What led to it.</param>
public sealed class GiveBackException(string code, string message, TimeSpan retryAfter, Exception? inner = null)
    : Exception(message, inner)
{
    public string Code { get; } = code;

    public TimeSpan RetryAfter { get; } = retryAfter;
}
