using System.Net.Http.Headers;
using System.Text.Json;
using Koubou.Worker.Backends.Http;
using Koubou.Worker.Craftsmen;

namespace Koubou.Worker.Backends.CodexCli.Closed;

/// <summary>What a closed Codex may ask its model's server: what it has, and answers of the one model that was checked.</summary>
internal sealed class ModelPassage(LocalModels models, AssignedTask task, string model)
{
    private const string Json = "application/json";

    public async Task PassAsync(HttpContext http)
    {
        try
        {
            switch (http.Request.Method, http.Request.Path.Value)
            {
                case ("GET", "/api/version" or "/api/tags" or "/v1/models"):
                    using (var question = new HttpRequestMessage(HttpMethod.Get, Target(http)))
                    {
                        await PassAsync(question, http);
                    }

                    break;
                case ("POST", "/v1/responses"):
                    await AnswerAsync(http);
                    break;
                default:
                    await RefuseAsync(http, StatusCodes.Status403Forbidden,
                        $"Codex is closed in: {http.Request.Method} {http.Request.Path} is not passed on.");
                    break;
            }
        }
        catch (TaskFailureException failure)
        {
            await RefuseAsync(http, failure.Code switch
            {
                BackendFaults.Busy => StatusCodes.Status429TooManyRequests,
                _ => StatusCodes.Status502BadGateway,
            }, failure.Message);
        }
        catch (GiveBackException away)
        {
            await RefuseAsync(http, StatusCodes.Status502BadGateway, away.Message);
        }
    }

    private async Task AnswerAsync(HttpContext http)
    {
        // Bounded by the server's limit for bodies (30 MB). Sent on as it was read here, so that both see the same model.
        using var body = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
        if (body.RootElement.ValueKind != JsonValueKind.Object || !NamesModel(body.RootElement))
        {
            await RefuseAsync(http, StatusCodes.Status403Forbidden, $"Codex is closed in: only the model '{model}' is asked.");
            return;
        }

        await models.DemandAsync(task, model, http.RequestAborted);
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body.RootElement));
        content.Headers.ContentType = new MediaTypeHeaderValue(Json);
        using var question = new HttpRequestMessage(HttpMethod.Post, Target(http)) { Content = content };
        await PassAsync(question, http);
    }

    // Every one of them: readers differ in which of two they believe, and in whether letters' case counts.
    private bool NamesModel(JsonElement body)
    {
        var named = body.EnumerateObject()
            .Where(field => field.Name.Equals("model", StringComparison.OrdinalIgnoreCase)).ToList();
        return named.Count == 1 && named[0].Value.ValueKind == JsonValueKind.String && named[0].Value.ValueEquals(model);
    }

    private Uri Target(HttpContext http) => new(models.Http.BaseAddress!, http.Request.Path.Value!.TrimStart('/'));

    private async Task PassAsync(HttpRequestMessage question, HttpContext http)
    {
        using var answer = await models.Http.SendAsync(
            question, HttpCompletionOption.ResponseHeadersRead, http.RequestAborted);
        http.Response.StatusCode = (int)answer.StatusCode;
        http.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        await using var stream = await answer.Content.ReadAsStreamAsync(http.RequestAborted);
        // Piece by piece, as the model writes.
        await stream.CopyToAsync(http.Response.Body, http.RequestAborted);
    }

    private static async Task RefuseAsync(HttpContext http, int status, string sentence)
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
            return;
        }

        http.Response.StatusCode = status;
        http.Response.ContentType = Json;
        await http.Response.WriteAsync(
            $$$"""{"error":{"message":"{{{JsonEncodedText.Encode(sentence)}}}"}}""", http.RequestAborted);
    }
}
