"""Start a policy pack in Python as the plugin does that Pulumi's own distribution brings, and no registry has.

Of the protocol (proto/pulumi/language.proto) it knows what the engine asks for with --policy-pack.
"""

import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor

import grpc
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2


class Language(language_pb2_grpc.LanguageRuntimeServicer):
    """Run packs with the Python of their own virtual environment."""

    def Handshake(self, request, context):
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request, context):
        return plugin_pb2.PluginInfo()

    def RunPlugin(self, request, context):
        pack = request.info.program_directory
        command = [os.path.join(pack, "venv/bin/python"), "-u", "-m", "pulumi.policy", *request.args, pack]
        process = subprocess.Popen(command, cwd=request.pwd, stdout=subprocess.PIPE)
        context.add_callback(process.kill)
        for line in process.stdout:
            yield language_pb2.RunPluginResponse(stdout=line)
        yield language_pb2.RunPluginResponse(exitcode=process.wait())


signal.signal(signal.SIGINT, lambda *_: os._exit(0))
server = grpc.server(ThreadPoolExecutor())
language_pb2_grpc.add_LanguageRuntimeServicer_to_server(Language(), server)
print(server.add_insecure_port("127.0.0.1:0"), flush=True)
server.start()
server.wait_for_termination()
