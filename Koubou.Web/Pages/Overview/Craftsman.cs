using Koubou.Contracts;

namespace Koubou.Web.Pages.Overview;

/// <summary>One craftsman of a node and what he does now.</summary>
/// <param name="Number">His slot on the node, from 1.</param>
/// <param name="Work">Null: he waits for work.</param>
public sealed record Craftsman(int Number, RunningTask? Work)
{
    private const string Numerals = "一二三四五六七八九十";

    /// <summary>His number as it is written on his seal.</summary>
    public string Seal => Number <= Numerals.Length ? Numerals[Number - 1].ToString() : $"{Number}";

    /// <summary>
    /// All craftsmen of a node in the order of their slots. A task whose slot was not reported yet, or is taken, stands at
    /// the first free one; a pool that shrinks while they still work shows all that work.
    /// </summary>
    public static IReadOnlyList<Craftsman> AllOf(WorkerNode node)
    {
        var slots = Math.Max(node.Slots, Math.Max(
            node.Running.Count, node.Running.Select(work => work.Slot).DefaultIfEmpty().Max()));
        var work = new RunningTask?[slots];
        var homeless = new Queue<RunningTask>();
        foreach (var running in node.Running)
        {
            if (running.Slot >= 1 && work[running.Slot - 1] is null)
            {
                work[running.Slot - 1] = running;
            }
            else
            {
                homeless.Enqueue(running);
            }
        }

        for (var slot = 0; homeless.Count > 0; slot++)
        {
            work[slot] ??= homeless.Dequeue();
        }

        return [.. work.Select((running, index) => new Craftsman(index + 1, running))];
    }
}
