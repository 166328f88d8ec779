using System.Globalization;
using Koubou.Worker.Backends.Http;
using Koubou.Worker.Craftsmen;

namespace Koubou.Worker.Backends.Ollama;

/// <summary>
/// Refuses a prompt that cannot fit before it is sent. Newer Ollamas say themselves that it does not fit
/// (<c>truncate: false</c>); older ones cut it silently, so there the prompt must surely fit.
/// </summary>
internal static class OllamaPreflight
{
    /// <summary>What an Ollama gives a model when nobody says otherwise.</summary>
    public const long ContextDefault = 4096;

    // The first version whose chat does not cut where it is told not to.
    private static readonly Version Truthful = new(0, 12, 7);

    /// <param name="estimate">How many tokens the prompt has.</param>
    /// <param name="context">Room for prompt and answer. Null: not known.</param>
    /// <param name="version">What Ollama says that it is, such as <c>0.13.0-rc1</c>.</param>
    /// <param name="words">For the sentence.</param>
    public static void Demand(TokenEstimate estimate, long? context, string version, BackendWords words)
    {
        if (context is { } room && estimate.Low > room)
        {
            throw Refusal($"it has at least {Number(estimate.Low)} tokens, and there is room for {Number(room)}.", words);
        }

        if (!SaysWhenItCuts(version) && estimate.High > (context ?? ContextDefault))
        {
            throw Refusal(
                $"it may have {Number(estimate.High)} tokens, there is room for {Number(context ?? ContextDefault)}, and "
                + $"Ollama {version} would cut it without a word (0.12.7 and later do not).", words);
        }
    }

    internal static bool SaysWhenItCuts(string version)
    {
        var digits = version.Split('-', '+')[0];
        // A build of one's own calls itself 0.0.0.
        return !Version.TryParse(digits, out var parsed) || parsed >= Truthful || parsed == new Version(0, 0, 0);
    }

    private static TaskFailureException Refusal(string error, BackendWords words) =>
        TaskFailureException.Permanent(BackendFaults.ContextExceeded, words.ContextExceeded(error));

    private static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
