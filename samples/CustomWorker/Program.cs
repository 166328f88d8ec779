using CustomWorker;
using Koubou.ServiceDefaults;
using Koubou.Worker.Nodes;

// dotnet run --project samples/CustomWorker -- --scheduler http://localhost:5601 --capabilities count-words
var builder = WebApplication.CreateBuilder(args);
builder.AddWorkerNode(args).AddCraftsman<WordCounter>("count-words");

var app = builder.Build();
app.MapDefaultEndpoints();
app.Run();
