using System.Text;
using Koubou.Contracts;

namespace Koubou.Scheduler.Output;

/// <summary>The output of one running task: text that grows, an attempt that may begin anew, a progress note.</summary>
internal sealed class LiveOutput
{
    /// <summary>What is longer is shown when it is finished.</summary>
    private const int CharactersMax = 4 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly StringBuilder _text = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _attempt;
    private string _progress = "";

    /// <summary>The attempt that writes, and the characters that are known of it.</summary>
    public (int Attempt, long Length) Length
    {
        get
        {
            lock (_gate)
            {
                return (_attempt, _text.Length);
            }
        }
    }

    public string Progress
    {
        get
        {
            lock (_gate)
            {
                return _progress;
            }
        }
    }

    /// <summary>Takes a piece of the output. A piece that was sent before is written over itself.</summary>
    public void Append(int fromAttempt, OutputChunk chunk)
    {
        lock (_gate)
        {
            BeginIfNew(fromAttempt);
            if (chunk.Offset > _text.Length || chunk.Offset + chunk.Text.Length > CharactersMax)
            {
                return;
            }

            _text.Length = (int)chunk.Offset;
            _text.Append(chunk.Text);
        }

        Touch();
    }

    public void Note(int fromAttempt, string note)
    {
        lock (_gate)
        {
            BeginIfNew(fromAttempt);
            _progress = note;
        }

        Touch();
    }

    /// <summary>What is new since a place in an attempt, and the signal of the next change.</summary>
    public OutputGlance Look(int seenAttempt, long offset)
    {
        lock (_gate)
        {
            var from = seenAttempt == _attempt ? Math.Min(offset, _text.Length) : 0;
            return new OutputGlance(
                _attempt, from, _text.ToString((int)from, _text.Length - (int)from), _progress, _changed.Task);
        }
    }

    /// <summary>Tells all who watch to look again.</summary>
    public void Touch()
    {
        TaskCompletionSource reached;
        lock (_gate)
        {
            reached = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        reached.TrySetResult();
    }

    private void BeginIfNew(int fromAttempt)
    {
        if (fromAttempt != _attempt)
        {
            _attempt = fromAttempt;
            _text.Clear();
            _progress = "";
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
