using Koubou.ServiceDefaults;
using Koubou.Worker.Nodes;

var builder = WebApplication.CreateBuilder(args);
builder.AddWorkerNode(args);

var app = builder.Build();
app.MapDefaultEndpoints();
app.Run();
