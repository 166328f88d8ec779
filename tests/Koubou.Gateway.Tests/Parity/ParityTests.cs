using Koubou.Contracts;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.Parity;

/// <summary>
/// One script of submits, reads, waits, cancels and bad inputs, put through every door: the same records come of it, and
/// what is refused is refused with the same meaning.
/// </summary>
public sealed class ParityTests(WorkshopFixture workshop)
{
    private const string Nowhere = "01936d3e-0000-7000-8000-000000000000";

    public static TheoryData<string> DoorNames => [.. Doors.Names];

    public static TheoryData<string, string, object, string> BadInputs
    {
        get
        {
            var inputs = new TheoryData<string, string, object, string>();
            foreach (var door in Doors.Names)
            {
                inputs.Add(door, "type", "nonsense", "type");
                inputs.Add(door, "prompt", "  ", "prompt");
                inputs.Add(door, "priority", 11, "priority");
                inputs.Add(door, "priority", 0, "priority");
                inputs.Add(door, "attempts_max", 0, "attempts_max");
                inputs.Add(door, "timeout_seconds", 0.5, "timeout_seconds");
                inputs.Add(door, "deadline", "2001-01-01T00:00:00Z", "deadline");
                inputs.Add(door, "output_schema", "no schema", "output_schema");
                inputs.Add(door, "idempotency_key", new string('k', 300), "idempotency_key");
                inputs.Add(door, "depends_on", (string[])["no id at all"], "depends_on");
            }

            return inputs;
        }
    }

    [Theory]
    [MemberData(nameof(DoorNames))]
    public async Task Task_SubmittedReadAndWaitedFor_IsTheSameRecord(string name)
    {
        await using var door = await OpenAsync(name);
        var type = workshop.NewType();
        await using var node = await workshop.JoinAsync(type);

        var submitted = await door.SubmitAsync(new Dictionary<string, object>
        {
            ["type"] = type,
            ["prompt"] = "Say 工房.",
            ["priority"] = 8,
            ["system_prompt"] = "Be brief.",
            ["batch_id"] = $"parity-{type}",
            ["timeout_seconds"] = 90,
            ["attempts_max"] = 2,
            ["model"] = "gemma2:2b",
        });
        var queued = await door.ReadAsync(submitted.Id!);
        var work = await node.TakeAsync();
        await workshop.HappenedAsync(submitted.Id!, EventKind.Started);
        var running = await door.ReadAsync(submitted.Id!);
        await node.CompleteAsync(work, "工房");
        var waited = await door.WaitAsync(submitted.Id!);
        var record = (await workshop.Http.ReadAsync($"/api/v1/tasks/{submitted.Id}")).Body;

        Assert.Equal("queued", submitted.State);
        Assert.Equal("queued", queued.State);
        Assert.Equal("running", running.State);
        Assert.Equal(("succeeded", "工房"), (waited.State, waited.Output));
        Assert.Equal(
            (type, "Say 工房.", 8, "Be brief.", $"parity-{type}", 90.0, 2, "gemma2:2b", "local"),
            (record.Text("type"),
                record.Text("prompt"),
                record.GetProperty("priority").GetInt32(),
                record.Text("system_prompt"),
                record.Text("batch_id"),
                record.GetProperty("timeout_seconds").GetDouble(),
                record.GetProperty("attempts_max").GetInt32(),
                record.Text("model"),
                record.Text("data_policy")));
    }

    [Theory]
    [MemberData(nameof(DoorNames))]
    public async Task Task_CancelledTwiceAndRetried_SaysTheSame(string name)
    {
        await using var door = await OpenAsync(name);
        var submitted = await door.SubmitAsync(Minimal(workshop.NewType()));

        var early = await door.RetryAsync(submitted.Id!);
        var cancelled = await door.CancelAsync(submitted.Id!);
        var again = await door.CancelAsync(submitted.Id!);
        var read = await door.ReadAsync(submitted.Id!);
        var retried = await door.RetryAsync(submitted.Id!);

        Assert.Equal(Said.WrongState, early.Refusal);
        Assert.Equal("cancelled", cancelled.State);
        Assert.Equal(Said.WrongState, again.Refusal);
        Assert.Equal(("cancelled", null), (read.State, read.Output));
        Assert.Equal("queued", retried.State);
    }

    [Theory]
    [MemberData(nameof(DoorNames))]
    public async Task UnknownTask_IsUnknown(string name)
    {
        await using var door = await OpenAsync(name);

        Assert.Equal(Said.Unknown, (await door.ReadAsync(Nowhere)).Refusal);
        Assert.Equal(Said.Unknown, (await door.CancelAsync(Nowhere)).Refusal);
        Assert.Equal(Said.Unknown, (await door.RetryAsync("no id at all")).Refusal);
    }

    [Theory]
    [MemberData(nameof(BadInputs))]
    public async Task BadInput_IsRefusedUnderItsField(string name, string field, object value, string fault)
    {
        await using var door = await OpenAsync(name);
        var task = Minimal("general");
        task[field] = value;

        var said = await door.SubmitAsync(task);

        Assert.Equal((Said.Invalid, fault), (said.Refusal, said.Fields));
    }

    [Theory]
    [MemberData(nameof(DoorNames))]
    public async Task BadInputs_Together_AreNamedTogether(string name)
    {
        await using var door = await OpenAsync(name);
        var task = Minimal("nonsense");
        task["priority"] = 99;
        task["prompt"] = "";

        var said = await door.SubmitAsync(task);

        Assert.Equal((Said.Invalid, "priority prompt type"), (said.Refusal, said.Fields));
    }

    [Theory]
    [MemberData(nameof(DoorNames))]
    public async Task IdempotencyKey_GivenTwice_IsOneTask(string name)
    {
        await using var door = await OpenAsync(name);
        var task = Minimal(workshop.NewType());
        task["idempotency_key"] = $"parity-{name}-{Guid.CreateVersion7()}";

        var first = await door.SubmitAsync(task);
        var second = await door.SubmitAsync(task);

        Assert.NotNull(first.Id);
        Assert.Equal(first.Id, second.Id);
    }

    private static Dictionary<string, object> Minimal(string type) => new() { ["type"] = type, ["prompt"] = "Say hello." };

    private Task<IDoor> OpenAsync(string name) => Doors.OpenAsync(name, workshop.Gateway, workshop.Scheduler.Address);
}
