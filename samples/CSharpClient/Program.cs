using CSharpClient;

// dotnet run --project samples/CSharpClient -- http://localhost:8765 "Name five colours" "Name five fruits"
if (args.Length < 2 || !Uri.TryCreate(args[0], UriKind.Absolute, out var address))
{
    await Console.Error.WriteLineAsync("Usage: CSharpClient ADDRESS PROMPT…");
    return 2;
}

using var workshop = new WorkshopClient(address, Environment.GetEnvironmentVariable("KOUBOU_API_KEY"));

// Listen first and submit then: no change can slip through between the two.
await using var changes = await workshop.ListenAsync();
var ids = await workshop.SubmitAsync(args[1..]);
await foreach (var (id, state) in changes.UntilFinishedAsync(ids))
{
    Console.WriteLine($"{id} {state}");
    if (state == "succeeded")
    {
        Console.WriteLine(await workshop.OutputAsync(id));
    }
}

return 0;
