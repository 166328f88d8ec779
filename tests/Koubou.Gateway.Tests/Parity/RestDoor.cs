using System.Text.Json;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.Parity;

internal sealed class RestDoor(HttpClient http, params (string, string)[] headers) : IDoor
{
    public string Name => "REST";

    public async Task<Said> SubmitAsync(IReadOnlyDictionary<string, object> task) =>
        Read(await http.PostAsync("/api/v1/tasks", JsonSerializer.Serialize(task), headers));

    public async Task<Said> ReadAsync(string id) => Read(await http.ReadAsync($"/api/v1/tasks/{id}", headers));

    public async Task<Said> WaitAsync(string id) => Read(await http.ReadAsync($"/api/v1/tasks/{id}?wait=60", headers));

    public async Task<Said> CancelAsync(string id) => Read(await http.PostAsync($"/api/v1/tasks/{id}/cancel", "{}", headers));

    public async Task<Said> RetryAsync(string id) => Read(await http.PostAsync($"/api/v1/tasks/{id}/retry", "{}", headers));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static Said Read(Answer answer) => answer.Raw.IsSuccessStatusCode
        ? new Said(
            answer["id"].GetString(),
            answer["state"].GetString(),
            answer.Body.TryGetProperty("output", out var output) ? output.GetString() : null)
        : Said.Refused(
            answer["type"].GetString()!,
            answer.Body.TryGetProperty("errors", out var errors) ? errors.EnumerateObject().Select(fault => fault.Name) : []);
}
