using System.Net.Http.Json;
using System.Text.Json;
using Koubou.Web.Tests.Browser;
using Microsoft.Playwright;

namespace Koubou.Web.Tests.Screenshots;

/// <summary>
/// Not a test: the pictures of the README, of the workshop that docs/screenshots/make.sh has started with its one command.
/// Every task in them was submitted, queued, leased and answered.
/// </summary>
public sealed class ReadmePictures(Chromium chromium) : IDisposable
{
    // Long enough for charts to show a flow; a workshop that has just been started has no hour behind it.
    private static readonly TimeSpan FlowTime = TimeSpan.FromMinutes(1.5);
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(2.5);

    private static readonly (string Type, int Priority, string Prompt)[] Work =
    [
        ("code", 8, "Write unit tests for OrderService"),
        ("general", 5, "Summarise customer interview {0}"),
        ("general", 4, "Translate the onboarding guide into Japanese, part {0}"),
        ("code", 6, "Review the pull request {0}: a streaming CSV importer"),
        ("general", 5, "Summarise the support tickets of week {0}"),
        ("code", 7, "Create a Python function for fibonacci, variant {0}"),
    ];

    private readonly HttpClient _http = new() { BaseAddress = Gateway };
    private int _count;

    private static Uri Gateway => new(
        Environment.GetEnvironmentVariable("KOUBOU_PICTURED") ?? throw new InvalidOperationException("KOUBOU_PICTURED names no gateway."));

    public void Dispose() => _http.Dispose();

    [Fact(Explicit = true)]
    public async Task OfARunningWorkshop()
    {
        var until = DateTimeOffset.UtcNow + FlowTime;
        while (DateTimeOffset.UtcNow < until)
        {
            // Now and then a wave, so that some tasks have to wait.
            for (var left = _count % 7 == 0 ? 5 : 1; left > 0; left--)
            {
                await SubmitAsync();
            }

            await Task.Delay(Beat);
        }

        var task = await SubmitPlanAsync();
        for (var left = 0; left < 9; left++)
        {
            await SubmitAsync();
        }

        await TakeAsync("overview.png", "", "en", ColorScheme.Light, 1280, 860);
        await TakeAsync("overview-ja-dark.png", "", "ja", ColorScheme.Dark, 1280, 860);
        await TakeAsync("phone.png", "/workers", "en", ColorScheme.Dark, 390, 844);
        await TakeAsync("task.png", $"/tasks/{task}", "en", ColorScheme.Light, 1280, 860, "[data-output=done][data-whole]");
    }

    private Task<JsonElement> SubmitAsync()
    {
        var (type, priority, prompt) = Work[_count % Work.Length];
        _count++;
        return PostAsync("/api/v1/tasks", new
        {
            type,
            priority,
            prompt = string.Format(System.Globalization.CultureInfo.InvariantCulture, prompt, _count),
        });
    }

    // Three tasks that wait for each other; the one in the middle has its picture taken.
    private async Task<string> SubmitPlanAsync()
    {
        var reply = await PostAsync("/api/v1/tasks/batch", new
        {
            batch_id = "fibonacci",
            tasks = new object[]
            {
                new { type = "general", priority = 9, prompt = "Summarise what the issue asks for" },
                new
                {
                    type = "code",
                    priority = 10,
                    prompt = "Create a Python function for fibonacci, with a version for large n",
                    depends_on = new[] { "#0" },
                    labels = new Dictionary<string, string> { ["project"] = "apollo" },
                },
                new { type = "code", priority = 9, prompt = "Write unit tests for both functions", depends_on = new[] { "#1" } },
                new { type = "code", priority = 9, prompt = "Review both functions", depends_on = new[] { "#1" } },
            },
        });
        return reply.GetProperty("tasks")[1].GetProperty("id").GetString()!;
    }

    private async Task<JsonElement> PostAsync(string path, object body)
    {
        using var response = await _http.PostAsJsonAsync(path, body);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode
            ? JsonDocument.Parse(text).RootElement
            : throw new HttpRequestException($"{path} answered {(int)response.StatusCode}: {text}");
    }

    private async Task TakeAsync(
        string file, string path, string language, ColorScheme theme, int width, int height, string seen = "[data-link=live]")
    {
        await using var context = await chromium.Browser.NewContextAsync(new()
        {
            Locale = language, ColorScheme = theme, ViewportSize = new() { Width = width, Height = height }, TimezoneId = "Asia/Tokyo",
        });
        var page = await context.NewPageAsync();
        await page.GotoAsync($"{Gateway}dashboard{path}");
        await page.Locator("html[data-interactive]").WaitForAsync();
        await page.Locator(seen).First.WaitForAsync(new() { Timeout = 120_000 });
        await page.Locator("k-chart:not([data-drawn]), [aria-busy], k-code[language=python]:not([data-painted])").First
            .WaitForAsync(new() { State = WaitForSelectorState.Detached });
        await page.ScreenshotAsync(
            new() { Path = Path.Combine(ScreenshotMaker.Folder, file), Animations = ScreenshotAnimations.Disabled });
    }
}
