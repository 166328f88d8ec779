namespace Koubou.Worker.Craftsmen;

/// <summary>
/// Does the work of one kind of task. Subclass it, override the one method, and register it for its task types:
/// <c>builder.AddWorkerNode(args).AddCraftsman&lt;MyCraftsman&gt;("my-type")</c>. One instance serves all slots at once.
/// </summary>
public abstract class Craftsman
{
    /// <summary>
    /// Processes one attempt of a task and returns its result. To fail, throw <see cref="TaskFailureException"/>; any
    /// other exception is sorted by its type: broken connections and timeouts may be tried again, the rest may not.
    /// </summary>
    /// <param name="task">What is to be done, defaults of the task type applied.</param>
    /// <param name="context">Takes output and progress while the work goes on.</param>
    /// <param name="cancellationToken">
    /// Fires when the task was cancelled, its time is up, or its lease is lost: stop at once, and let it throw.
    /// </param>
    public abstract ValueTask<TaskResult> ProcessAsync(
        AssignedTask task, ICraftsmanContext context, CancellationToken cancellationToken);
}
