using System.Net.Sockets;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Koubou.Contracts;

namespace Koubou.Worker.Craftsmen;

/// <summary>Turns what a craftsman threw into what the scheduler records.</summary>
internal static class Failures
{
    private const int MessageCharsMax = 2000;

    public static TaskReport Report(TaskReport report, Exception exception, TimeSpan? timedOutAfter)
    {
        switch (exception)
        {
            case GiveBackException giveBack:
                report.GivenBack = new GivenBack
                {
                    Reason = Error(giveBack.Code, giveBack.Message, FailureKind.Transient),
                    RetryAfter = Duration.FromTimeSpan(giveBack.RetryAfter),
                };
                break;
            case TaskFailureException failure:
                report.Failed = new Failed { Error = Error(failure.Code, failure.Message, failure.Kind) };
                if (failure.RetryAfter is { } wait)
                {
                    report.Failed.RetryAfter = Duration.FromTimeSpan(wait);
                }

                break;
            case OperationCanceledException when timedOutAfter is { } limit:
                report.Failed = new Failed { Error = TimedOut(limit) };
                break;
            default:
                report.Failed = new Failed { Error = Classify(exception) };
                break;
        }

        return report;
    }

    public static TaskError TimedOut(TimeSpan limit) => Error(
        "timeout",
        $"The attempt took longer than its limit of {Words(limit)}. Give the task or its type a longer timeout, or "
        + "the model a smaller task.",
        FailureKind.Transient);

    public static TaskError Error(string code, string message, FailureKind kind) => new()
    {
        Code = code,
        Message = message.Length <= MessageCharsMax ? message : message[..MessageCharsMax],
        Kind = kind,
    };

    public static string Words(TimeSpan span) => span switch
    {
        { TotalMinutes: >= 2 } => $"{span.TotalMinutes:0.#} minutes",
        { TotalSeconds: >= 1 } => $"{span.TotalSeconds:0.#} seconds",
        _ => $"{span.TotalMilliseconds:0} ms",
    };

    // Broken machines and networks may be whole again; a bug or a bad argument is the same next time.
    private static TaskError Classify(Exception exception) => exception switch
    {
        OperationCanceledException or TimeoutException =>
            Error("timeout", $"Something that the craftsman waited for took too long: {exception.Message}",
                FailureKind.Transient),
        HttpRequestException or SocketException or IOException or RpcException =>
            Error("connection", $"A connection broke: {exception.Message}", FailureKind.Transient),
        OutOfMemoryException =>
            Error("out_of_memory", "The node ran out of memory. Give it fewer craftsmen: --max-workers 2",
                FailureKind.Transient),
        _ => Error("craftsman_error", $"{exception.GetType().Name}: {exception.Message}", FailureKind.Permanent),
    };
}
