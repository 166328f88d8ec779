using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Grpc.Net.Client;
using Koubou.Contracts;

namespace Koubou.Gateway.Tests.Parity;

/// <summary>The scheduler's own door, behind all the others. Keys are the gateway's; it knows only the rights.</summary>
internal sealed class GrpcDoor(string address, Caller? caller = null) : IDoor
{
    private readonly GrpcChannel _channel = GrpcChannel.ForAddress(address);

    public string Name => "gRPC";

    private TaskQueue.TaskQueueClient Scheduler => new(_channel);

    public Task<Said> SubmitAsync(IReadOnlyDictionary<string, object> task) => TryAsync(async () =>
    {
        var spec = new TaskSpec();
        foreach (var (name, value) in task)
        {
            Set(spec, name, value);
        }

        var receipt = (await Scheduler.SubmitAsync(new SubmitRequest { Tasks = { spec }, Caller = caller })).Receipts[0];
        return new Said(receipt.Id, receipt.State.ToWord());
    });

    public Task<Said> ReadAsync(string id) => TryAsync(async () =>
        Of(await Scheduler.GetAsync(new GetRequest { Id = id, IncludeOutput = true })));

    public Task<Said> WaitAsync(string id) => TryAsync(async () => Of((await Scheduler.WaitAsync(new WaitRequest
    {
        Ids = { id },
        IncludeOutput = true,
        Timeout = Duration.FromTimeSpan(TimeSpan.FromMinutes(1)),
    })).Tasks[0]));

    public Task<Said> CancelAsync(string id) => TryAsync(async () =>
        Of((await Scheduler.CancelAsync(Change(id))).Results[0]));

    public Task<Said> RetryAsync(string id) => TryAsync(async () =>
        Of((await Scheduler.RetryAsync(Change(id))).Results[0]));

    public ValueTask DisposeAsync()
    {
        _channel.Dispose();
        return ValueTask.CompletedTask;
    }

    private ChangeRequest Change(string id) => new() { Ids = { id }, Client = caller?.Key ?? "" };

    private static Said Of(TaskRecord record) =>
        new(record.Id, record.State.ToWord(), record.State == TaskState.Succeeded ? record.Output : null);

    private static Said Of(ChangeResult result) => result.Outcome switch
    {
        ChangeOutcome.Changed => new Said(result.Id, result.State.ToWord()),
        ChangeOutcome.UnknownId => Said.Refused("unknown_task"),
        _ => Said.Refused("wrong_state"),
    };

    private static void Set(TaskSpec spec, string name, object value)
    {
        switch (name)
        {
            case "timeout_seconds":
                spec.Timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(Convert.ToDouble(value, null)));
                break;
            case "deadline":
                spec.Deadline = Timestamp.FromDateTimeOffset(DateTimeOffset.Parse((string)value, null));
                break;
            case "not_before":
                spec.NotBefore = Timestamp.FromDateTimeOffset(DateTimeOffset.Parse((string)value, null));
                break;
            case "labels":
                spec.Labels.Add((Dictionary<string, string>)value);
                break;
            case "options":
                spec.Options.Add(((Dictionary<string, object>)value).ToDictionary(
                    option => option.Key, option => JsonSerializer.Serialize(option.Value)));
                break;
            case "depends_on":
                spec.DependsOn.Add((string[])value);
                break;
            case "output_schema" when value is not string:
                spec.OutputSchema = JsonSerializer.Serialize(value);
                break;
            case "data_policy":
                spec.DataPolicy = DataPolicies.TryParse((string)value, out var policy) ? policy : DataPolicy.Unspecified;
                break;
            default:
                TaskSpec.Descriptor.FindFieldByName(name).Accessor.SetValue(spec, value);
                break;
        }
    }

    private static async Task<Said> TryAsync(Func<Task<Said>> act)
    {
        try
        {
            return await act();
        }
        catch (RpcException error)
        {
            var faults = error.GetRpcStatus()?.GetDetail<BadRequest>()?.FieldViolations
                .Select(fault => fault.Field.Split('.')[^1])
                .Select(field => field == "timeout" ? "timeout_seconds" : field);
            return Said.Refused(error.StatusCode.ToString(), faults);
        }
    }
}
