using Koubou.Contracts;

namespace Koubou.Worker.Craftsmen;

/// <summary>What a craftsman may say while he works.</summary>
public interface ICraftsmanContext
{
    /// <summary>Which of the node's craftsmen works here, counted from 1.</summary>
    int Slot { get; }

    /// <summary>
    /// Who answers and how long it took: goes on record with the result or the failure. Fill in what is known.
    /// </summary>
    AttemptFacts Facts { get; }

    /// <summary>Appends a piece to the output, which watchers see at once.</summary>
    ValueTask WriteOutputAsync(string chunk, CancellationToken cancellationToken = default);

    /// <summary>One line about what goes on; replaces the line before.</summary>
    void ReportProgress(string note);

    /// <summary>
    /// Keeps a file with the result: it is listed on the task once the attempt succeeds. Returns when the scheduler has it.
    /// </summary>
    /// <param name="name">A file name, unique on the task; the last one of a name wins.</param>
    /// <param name="mediaType">Such as <c>text/x-diff</c>.</param>
    /// <param name="content">A stream that can seek.</param>
    /// <param name="cancellationToken">The attempt's own.</param>
    ValueTask AddArtifactAsync(
        string name, string mediaType, Stream content, CancellationToken cancellationToken = default);

    /// <summary>How many tokens the answer has so far.</summary>
    void ReportTokens(long completionTokens);
}
