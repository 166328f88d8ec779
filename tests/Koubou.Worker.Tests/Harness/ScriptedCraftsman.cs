using Koubou.OllamaStandIn;
using Koubou.Worker.Craftsmen;
using Microsoft.Extensions.DependencyInjection;

namespace Koubou.Worker.Tests.Harness;

/// <summary>Does what the test gives him to do, and tells when he begins and when he was told to stop.</summary>
internal sealed class ScriptedCraftsman : Craftsman
{
    public Func<AssignedTask, ICraftsmanContext, CancellationToken, Task<TaskResult>> Script { get; set; } =
        (task, _, _) => Task.FromResult<TaskResult>("done: " + task.Prompt);

    public SignalLog<AssignedTask> Begun { get; } = new();

    public SignalLog<AssignedTask> Stopped { get; } = new();

    /// <summary>Works until the gate opens or he is told to stop.</summary>
    public void WaitFor(Task gate) => Script = async (task, _, stop) =>
    {
        await gate.WaitAsync(stop);
        return "done: " + task.Prompt;
    };

    public override async ValueTask<TaskResult> ProcessAsync(
        AssignedTask task, ICraftsmanContext context, CancellationToken cancellationToken)
    {
        Begun.Add(task);
        try
        {
            return await Script(task, context, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Stopped.Add(task);
            throw;
        }
    }
}

internal static class ScriptedCraftsmanServices
{
    public static void AddScripted(this IServiceCollection services, ScriptedCraftsman craftsman) =>
        services.AddSingleton(craftsman);
}
