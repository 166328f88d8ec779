using System.Runtime.CompilerServices;
using Koubou.Contracts;
using Koubou.Scheduler.Events;
using Koubou.Scheduler.Grpc;
using Koubou.Scheduler.Peers;
using Koubou.Scheduler.Stores;

namespace Koubou.Scheduler.Output;

/// <summary>One client's view of a task's output, as it is written and to its end.</summary>
internal sealed class OutputWatch(IQueueStore store, OutputBoard board, IPeers peers, TaskWaits waits, WatchOutputRequest request)
{
    private long _offset = Math.Max(0, request.FromOffset);
    private int _attempt = request.FromAttempt;
    private string _progress = "";

    public async IAsyncEnumerable<OutputUpdate> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using var end = waits.Begin([request.Id]);
        using var asked = peers.WatchOutput(request.Id);
        while (true)
        {
            var record = await store.GetAsync(request.Id, includeOutput: false, cancellation)
                ?? throw RpcErrors.NotFound(request.Id);
            if (record.State.IsFinal())
            {
                break;
            }

            // Until its end is heard: chunks are looked at as they come, the record only once.
            while (!end.All.IsCompleted)
            {
                var glance = board.Of(record.Id).Look(_attempt, _offset);
                foreach (var update in Describe(glance))
                {
                    yield return update;
                }

                await Task.WhenAny(glance.Changed, end.All).WaitAsync(cancellation);
            }
        }

        board.Forget(request.Id);
        var final = await store.GetAsync(request.Id, includeOutput: true, cancellation)
            ?? throw RpcErrors.NotFound(request.Id);
        foreach (var update in DescribeEnd(final))
        {
            yield return update;
        }
    }

    // The last attempt may have ended before a piece of it was seen here: what was shown of the one before is void then.
    private IEnumerable<OutputUpdate> DescribeEnd(TaskRecord final)
    {
        var last = final.Attempts.Count == 0 ? _attempt : final.Attempts[^1].Number;
        if (_attempt != 0 && last != _attempt)
        {
            _offset = 0;
            yield return new OutputUpdate { Reset = new OutputReset { Attempt = last } };
        }

        if (final.Output.Length > _offset)
        {
            yield return new OutputUpdate
            {
                Chunk = new OutputChunk { Offset = _offset, Text = final.Output[(int)_offset..], Attempt = last },
            };
        }

        final.Output = "";
        yield return new OutputUpdate { Final = final };
    }

    private IEnumerable<OutputUpdate> Describe(OutputGlance glance)
    {
        // 0: nothing was heard of it here, since this scheduler's start; that is no new attempt.
        if (glance.Attempt != _attempt && glance.Attempt != 0)
        {
            if (_attempt != 0)
            {
                _offset = 0;
                yield return new OutputUpdate { Reset = new OutputReset { Attempt = glance.Attempt } };
            }

            _attempt = glance.Attempt;
            _progress = "";
        }

        if (glance.Progress != _progress)
        {
            _progress = glance.Progress;
            yield return new OutputUpdate { Progress = _progress };
        }

        // A client that resumes may be ahead of what this scheduler has heard again.
        var text = glance.Offset < _offset
            ? glance.Text[(int)Math.Min(glance.Text.Length, _offset - glance.Offset)..]
            : glance.Text;
        if (text.Length > 0)
        {
            yield return new OutputUpdate { Chunk = new OutputChunk { Offset = _offset, Text = text, Attempt = _attempt } };
            _offset += text.Length;
        }
    }
}
