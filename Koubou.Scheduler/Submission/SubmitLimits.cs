using Koubou.Contracts;

namespace Koubou.Scheduler.Submission;

/// <summary>What a submit may ask for. Section <c>Queue:Limits</c>.</summary>
public sealed class SubmitLimits
{
    public const string Section = "Queue:Limits";

    /// <summary>Tasks in one submit. From 1 to 10,000. Default: 1,000.</summary>
    public int BatchMax { get; set; } = 1_000;

    /// <summary>Bytes of a prompt in UTF-8. From 1 KiB to 32 MiB. Default: 1 MiB.</summary>
    public int PromptBytesMax { get; set; } = 1024 * 1024;

    /// <summary>Tasks that may wait or run at one time; more are refused until some are done. Default: 2,000,000.</summary>
    public int LiveTasksMax { get; set; } = 2_000_000;

    /// <summary>
    /// The loosest data policy that a task may have: <c>Local</c>, <c>Private</c> or <c>Any</c>. Default: <c>Local</c>.
    /// </summary>
    public DataPolicy LoosestDataPolicy { get; set; } = DataPolicy.Local;
}
