using System.Linq.Expressions;
using System.Reflection;
using GraphQL.Types;
using Koubou.Gateway.Events;
using Koubou.Gateway.GraphQL.Streams;
using Koubou.Gateway.Rest.Native;
using Koubou.Gateway.Rest.Native.Keys;
using Koubou.Gateway.Rest.Native.Operations;
using Koubou.Gateway.Rest.Views;

namespace Koubou.Gateway.GraphQL.Schema;

/// <summary>A view of the REST API as a GraphQL type, so that both doors show the same facts under the same names.</summary>
internal class ViewType<T> : AutoRegisteringObjectGraphType<T>
{
    private static readonly Dictionary<Type, string> Names = new()
    {
        [typeof(TaskView)] = "Task",
        [typeof(AttemptView)] = "Attempt",
        [typeof(TriedView)] = "TriedBackend",
        [typeof(ArtifactView)] = "Artifact",
        [typeof(ErrorView)] = "TaskError",
        [typeof(UsageView)] = "TokenUsage",
        [typeof(StatusView)] = "SystemStatus",
        [typeof(WorkerView)] = "Worker",
        [typeof(BackendView)] = "Backend",
        [typeof(RunningTaskView)] = "RunningTask",
        [typeof(TypeView)] = "TaskType",
        [typeof(ChangeView)] = "ChangeResult",
        [typeof(ReceiptView)] = "SubmitReceipt",
        [typeof(TaskUpdatePayload)] = "TaskChange",
        [typeof(EventNote)] = "TaskEvent",
        [typeof(Missed)] = "MissedChanges",
        [typeof(OutputNote)] = "TaskOutput",
        [typeof(TaskConnection)] = "TaskConnection",
        [typeof(PageInfo)] = "PageInfo",
        [typeof(BatchView)] = "Batch",
        [typeof(BatchConnection)] = "BatchConnection",
        [typeof(MetricsPointView)] = "MetricsPoint",
        [typeof(HealthView)] = "WorkshopHealth",
        [typeof(FindingView)] = "HealthFinding",
        [typeof(BulkReply)] = "BulkChange",
        [typeof(SettingView)] = "Setting",
        [typeof(KeyView)] = "ApiKey",
    };

    public ViewType()
    {
    }

    protected ViewType(params Expression<Func<T, object?>>[] excluded)
        : base(excluded)
    {
    }

    /// <summary>The views that need nothing but a name.</summary>
    public static IEnumerable<Type> Views => Names.Keys;

    // A view's methods make it from the contract; only what it shows becomes a field.
    protected override IEnumerable<MemberInfo> GetRegisteredMembers() =>
        base.GetRegisteredMembers().Where(member => member is PropertyInfo { GetMethod.IsStatic: false });

    protected override void ConfigureGraph()
    {
        base.ConfigureGraph();
        Name = Names[typeof(T)];
    }
}
