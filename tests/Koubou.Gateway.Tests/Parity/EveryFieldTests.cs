using System.Text.Json;
using Koubou.Gateway.Intake;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.Parity;

/// <summary>A task with every field that a client can set is the same record, whichever door it came in by.</summary>
public sealed class EveryFieldTests(WorkshopFixture workshop)
{
    // What differs from task to task, and who asked.
    private static readonly string[] OfEachTask =
        ["id", "client", "idempotency_key", "depends_on", "waiting_for", "submitted_at", "last_event"];

    [Fact]
    public async Task Task_WithEveryField_IsTheSameRecordByEveryDoor()
    {
        var type = workshop.NewType();
        var records = new Dictionary<string, string>();
        foreach (var name in Doors.Names)
        {
            await using var door = await Doors.OpenAsync(name, workshop.Gateway, workshop.Scheduler.Address);
            var first = await workshop.Http.DelegateAsync(type);
            var key = $"{name}-{Guid.CreateVersion7()}";
            var task = Task(type, first, key);
            if (name == Doors.Mcp)
            {
                // There a person decides it, by the task type and the settings.
                task.Remove("data_policy");
            }

            var said = await door.SubmitAsync(task);

            Assert.True(said.Refusal is null, $"{name}: {said.Refusal} {said.Fields}");
            var record = (await workshop.Http.ReadAsync($"/api/v1/tasks/{said.Id}")).Body;
            Assert.Equal((key, first), (record.Text("idempotency_key"), record.GetProperty("depends_on")[0].GetString()));
            records[name] = JsonSerializer.Serialize(record.EnumerateObject()
                .Where(field => !OfEachTask.Contains(field.Name))
                .ToDictionary(field => field.Name, field => field.Value));
        }

        Assert.All(records, record => Assert.True(records[Doors.Rest] == record.Value, $"{record.Key}: {record.Value}\nREST: {records[Doors.Rest]}"));
    }

    [Fact]
    public void Script_HasEveryField() => Assert.Equal(TaskFields.Names.Order(), Task("t", "id", "key").Keys.Order());

    private static Dictionary<string, object> Task(string type, string dependency, string key) => new()
    {
        ["type"] = type,
        ["prompt"] = "Say 工房 \"twice\".",
        ["priority"] = 7,
        ["system_prompt"] = "Be brief.",
        ["labels"] = new Dictionary<string, string> { ["team"] = "web", ["ticket"] = "#1" },
        ["idempotency_key"] = key,
        ["not_before"] = "2090-01-01T00:00:00Z",
        ["deadline"] = "2091-01-01T00:00:00Z",
        ["timeout_seconds"] = 12.5,
        ["attempts_max"] = 4,
        ["depends_on"] = (string[])[dependency],
        ["run_if_dependency_failed"] = true,
        ["pass_outputs"] = true,
        ["batch_id"] = $"every-{type}",
        ["data_policy"] = "local",
        ["backend"] = "demo",
        ["model"] = "gemma2:2b",
        ["options"] = new Dictionary<string, object> { ["temperature"] = 0.25, ["folder"] = "/src" },
        ["output_schema"] = new Dictionary<string, object> { ["type"] = "object" },
        ["refuse_if_nobody_eligible"] = false,
    };
}
