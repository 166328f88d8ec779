using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Scheduler.Submission;

namespace Koubou.Scheduler.Grpc;

/// <summary>What makes a reading or changing request acceptable.</summary>
internal static class RequestRules
{
    private const int IdsMax = 1_000;
    private const int PageSizeMax = 1_000;
    private const int TextMax = 1_000;
    private const int TotalMax = 1_000_000;

    public static void CheckIds(IReadOnlyCollection<string> ids)
    {
        if (ids.Count is 0 or > IdsMax)
        {
            throw RpcErrors.Invalid([new Fault("ids", $"must hold 1 to {IdsMax} ids; holds {ids.Count}")]);
        }
    }

    public static void Check(ListRequest request)
    {
        var faults = new List<Fault>();
        if (request.PageSize is < 0 or > PageSizeMax)
        {
            faults.Add(new Fault("page_size", $"must be a whole number from 1 to {PageSizeMax}; was {request.PageSize}"));
        }

        if (!IsPageToken(request.PageToken))
        {
            faults.Add(new Fault("page_token", "is not one that a previous reply gave"));
        }

        if (request.Skip < 0)
        {
            faults.Add(new Fault("skip", $"must be 0 or more; was {request.Skip}"));
        }

        if (request.TotalMax is < 0 or > TotalMax)
        {
            faults.Add(new Fault("total_max", $"must be a whole number from 1 to {TotalMax}; was {request.TotalMax}"));
        }

        if (request.Text.Length > TextMax)
        {
            faults.Add(new Fault("text", $"has {request.Text.Length} characters; at most {TextMax} are taken"));
        }

        if (faults.Count > 0)
        {
            throw RpcErrors.Invalid(faults);
        }
    }

    // Up to three numbers with dots between. What they mean is the store's.
    private static bool IsPageToken(string token)
    {
        var parts = token.Split('.');
        return token.Length == 0 || (parts.Length <= 3 && parts.All(part =>
            long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _)));
    }

    public static void Check(ListBatchesRequest request)
    {
        if (request.PageSize is < 0 or > PageSizeMax)
        {
            throw RpcErrors.Invalid(
                [new Fault("page_size", $"must be a whole number from 1 to {PageSizeMax}; was {request.PageSize}")]);
        }

        if (!IsPageToken(request.PageToken) || request.PageToken.Contains('.'))
        {
            throw RpcErrors.Invalid([new Fault("page_token", "is not one that a previous reply gave")]);
        }
    }

    /// <summary>The whole minutes of a step; none is 1.</summary>
    public static int CheckStep(Duration? step)
    {
        if (step is null)
        {
            return 1;
        }

        return step.Nanos == 0 && step.Seconds is >= 60 and <= 86_400 && step.Seconds % 60 == 0
            ? (int)(step.Seconds / 60)
            : throw RpcErrors.Invalid([new Fault("step", "must be whole minutes, from 1 minute to 24 hours")]);
    }

    public static void Check(WatchEventsRequest request)
    {
        if (request.FromSequence < 0)
        {
            throw RpcErrors.Invalid([new Fault("from_sequence", "must be 0, for what comes from now on, or more")]);
        }
    }

    /// <summary>A wish for time, within 0 and a bound; none is 0.</summary>
    public static TimeSpan Clamp(Duration? wanted, TimeSpan max)
    {
        if (wanted is null || wanted.Seconds < 0)
        {
            return TimeSpan.Zero;
        }

        return wanted.Seconds >= max.TotalSeconds ? max : wanted.ToTimeSpan();
    }
}
