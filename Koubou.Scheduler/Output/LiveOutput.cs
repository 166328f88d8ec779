using System.Text;
using Koubou.Contracts;

namespace Koubou.Scheduler.Output;

/// <summary>The output of one running task: text that grows, an attempt that may begin anew, a progress note.</summary>
internal sealed class LiveOutput
{
    /// <summary>What is longer is shown when it is finished.</summary>
    private const int CharactersMax = 4 * 1024 * 1024;

    private readonly Lock gate = new();
    private readonly StringBuilder text = new();
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int attempt;
    private string progress = "";

    /// <summary>The attempt that writes, and the characters that are known of it.</summary>
    public (int Attempt, long Length) Length
    {
        get
        {
            lock (gate)
            {
                return (attempt, text.Length);
            }
        }
    }

    public string Progress
    {
        get
        {
            lock (gate)
            {
                return progress;
            }
        }
    }

    /// <summary>Takes a piece of the output. A piece that was sent before is written over itself.</summary>
    public void Append(int fromAttempt, OutputChunk chunk)
    {
        lock (gate)
        {
            BeginIfNew(fromAttempt);
            if (chunk.Offset > text.Length || chunk.Offset + chunk.Text.Length > CharactersMax)
            {
                return;
            }

            text.Length = (int)chunk.Offset;
            text.Append(chunk.Text);
        }

        Touch();
    }

    public void Note(int fromAttempt, string note)
    {
        lock (gate)
        {
            BeginIfNew(fromAttempt);
            progress = note;
        }

        Touch();
    }

    /// <summary>What is new since a place in an attempt, and the signal of the next change.</summary>
    public OutputGlance Look(int seenAttempt, long offset)
    {
        lock (gate)
        {
            var from = seenAttempt == attempt ? Math.Min(offset, text.Length) : 0;
            return new OutputGlance(
                attempt, from, text.ToString((int)from, text.Length - (int)from), progress, changed.Task);
        }
    }

    /// <summary>Tells all who watch to look again.</summary>
    public void Touch()
    {
        TaskCompletionSource reached;
        lock (gate)
        {
            reached = changed;
            changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        reached.TrySetResult();
    }

    private void BeginIfNew(int fromAttempt)
    {
        if (fromAttempt != attempt)
        {
            attempt = fromAttempt;
            text.Clear();
            progress = "";
        }
    }
}

/// <summary>One look at a running output.</summary>
/// <param name="Attempt">The attempt that writes; 0: none yet.</param>
/// <param name="Offset">Where <paramref name="Text"/> begins.</param>
/// <param name="Text">What is new.</param>
/// <param name="Progress">The newest progress note.</param>
/// <param name="Changed">Completes at the next change.</param>
internal readonly record struct OutputGlance(int Attempt, long Offset, string Text, string Progress, Task Changed);
