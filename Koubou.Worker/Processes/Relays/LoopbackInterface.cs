using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Koubou.Worker.Processes.Relays;

/// <summary>The loopback of a new network namespace, which is down at first.</summary>
internal static class LoopbackInterface
{
    private const nuint GetFlags = 0x8913;
    private const nuint SetFlags = 0x8914;
    private const short Up = 1;
    // struct ifreq: a name of 16 bytes, then the flags.
    private const int RequestBytes = 40;
    private const int FlagsAt = 16;

    public static void BringUp()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var request = new byte[RequestBytes];
        "lo"u8.CopyTo(request);
        Ask(socket, GetFlags, request);
        var flags = (short)(BitConverter.ToInt16(request, FlagsAt) | Up);
        BitConverter.TryWriteBytes(request.AsSpan(FlagsAt), flags);
        Ask(socket, SetFlags, request);
    }

    private static void Ask(Socket socket, nuint question, byte[] request)
    {
        if (Control((int)socket.Handle, question, request) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [DllImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Control(int file, nuint question, byte[] request);
}
