using Koubou.Contracts;

namespace Koubou.Bench.Peers;

/// <summary>Koubou: the submitter (this process), a scheduler and a worker node with eight craftsmen.</summary>
internal sealed class Ours(string name, string durability, Workshop workshop) : IContestant
{
    private const int IdleWarmUp = 300;

    private int _waiting;
    private bool _isPaused;

    public string Name { get; } = name;

    public string Durability { get; } = durability;

    public Workshop Workshop { get; } = workshop;

    public async Task<double> SubmitSinglesAsync(int clients, int each)
    {
        await PauseAsync();
        _waiting += clients * each;
        return await SubmitBench.SinglesAsync(Workshop, clients, each);
    }

    public async Task<double> SubmitBatchesAsync(int tasks)
    {
        await PauseAsync();
        _waiting += tasks;
        return await SubmitBench.BatchesAsync(Workshop, tasks);
    }

    public async Task<double> DrainAsync()
    {
        var status = await Workshop.Client.GetStatusAsync(new StatusRequest());
        var tasks = _waiting;
        _waiting = 0;
        return await Rate.OfAsync(tasks, async () =>
        {
            var done = Workshop.WaitForSuccessesAsync(tasks, status.LastSequence + 1);
            await ResumeAsync();
            await done;
        });
    }

    public async Task<double> RunEndToEndAsync(int tasks, bool priorities)
    {
        await ResumeAsync();
        return await EndToEndBench.RunOnceAsync(Workshop, tasks, priorities);
    }

    public async Task<Milliseconds> MeasureIdleAsync(int rounds)
    {
        await ResumeAsync();
        return await IdleBench.MeasureAsync(Workshop, IdleWarmUp, rounds);
    }

    public ValueTask DisposeAsync() => Workshop.DisposeAsync();

    private async Task PauseAsync()
    {
        if (!_isPaused)
        {
            await Workshop.Client.ControlNodeAsync(new ControlNodeRequest { NodeId = Workshop.NodeId, Drain = true });
            _isPaused = true;
        }
    }

    private async Task ResumeAsync()
    {
        if (_isPaused)
        {
            await Workshop.Client.ControlNodeAsync(new ControlNodeRequest { NodeId = Workshop.NodeId, Resume = true });
            _isPaused = false;
        }
    }
}
